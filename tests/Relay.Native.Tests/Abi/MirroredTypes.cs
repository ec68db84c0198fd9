using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Native.Tests.Abi;

/// <summary>What Relay.Native mirrors of C, found by reflection.</summary>
internal static class MirroredTypes
{
    private const BindingFlags Members = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public
        | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    internal static readonly Assembly Assembly = typeof(NativeStructAttribute).Assembly;

    /// <summary>Structs that claim to mirror a C type on this architecture.</summary>
    internal static IEnumerable<(Type Type, NativeStructAttribute Attribute)> Structs =>
        from type in Assembly.GetTypes()
        let attribute = type.GetCustomAttribute<NativeStructAttribute>()
        where attribute is not null
        let architecture = RuntimeInformation.ProcessArchitecture
        where attribute.Only.Length == 0 || attribute.Only.Contains(architecture)
        where !attribute.Except.Contains(architecture)
        select (type, attribute);

    /// <summary>Constants with their C name and header.</summary>
    internal static IEnumerable<(FieldInfo Field, string Name, string Headers)> Constants =>
        from type in Assembly.GetTypes()
        let all = type.GetCustomAttribute<NativeConstantsAttribute>()
        from member in type.GetFields(Members)
        where member.IsLiteral
        let one = member.GetCustomAttribute<NativeConstantAttribute>()
        where one is not null || all is not null
        select (member, one?.Name ?? member.Name, one?.Headers ?? all!.Headers);

    internal static IEnumerable<FieldInfo> InstanceFields(Type type) =>
        type.GetFields(Members).Where(field => !field.IsStatic);

    /// <summary>
    /// Structs that must mirror a C type: they have a C name, or cross the border in a signature, or are a field of one
    /// that does. Opaque types have no fields, and nothing to compare.
    /// </summary>
    internal static IReadOnlySet<Type> Crossing()
    {
        var found = new HashSet<Type>();
        foreach (var type in Assembly.GetTypes())
        {
            if (type.IsValueType && !type.IsEnum && HasCName(type))
                Visit(type, found);
            foreach (var method in type.GetMethods(Members))
            {
                if (method.IsDefined(typeof(DllImportAttribute))
                    || method.IsDefined(typeof(UnmanagedCallersOnlyAttribute)))
                    VisitSignature(method, found);
            }
        }
        return found;
    }

    private static bool HasCName(Type type) =>
        char.IsAsciiLetterLower(type.Name[0]) && !type.IsDefined(typeof(CompilerGeneratedAttribute));

    private static void VisitSignature(MethodInfo method, HashSet<Type> found)
    {
        Visit(method.ReturnType, found);
        foreach (var parameter in method.GetParameters())
            Visit(parameter.ParameterType, found);
    }

    private static void Visit(Type type, HashSet<Type> found)
    {
        while (type.HasElementType)
            type = type.GetElementType()!;
        if (type.IsFunctionPointer)
        {
            Visit(type.GetFunctionPointerReturnType(), found);
            foreach (var parameter in type.GetFunctionPointerParameterTypes())
                Visit(parameter, found);
            return;
        }
        if (type.Assembly != Assembly || !type.IsValueType || type.IsEnum
            || type.IsDefined(typeof(CompilerGeneratedAttribute)))
            return;
        var fields = InstanceFields(type).ToArray();
        // An inline array has no C name of its own; the field of its type is what is compared.
        var isArray = type.IsDefined(typeof(InlineArrayAttribute));
        if (fields.Length == 0 || (!isArray && !found.Add(type)))
            return;
        foreach (var field in fields)
            Visit(field.FieldType, found);
    }
}
