using System.Reflection;
using System.Reflection.Emit;

namespace Relay.Native.Tests.Abi;

/// <summary>
/// Where the runtime really puts things: sizes and field offsets as the JIT compiles them, not as marshalled.
/// </summary>
internal static class StructLayout
{
    private delegate long Measure(byte[] memory);

    internal static long SizeOf(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer)
            return IntPtr.Size;
        var method = Method($"sizeof_{type.Name}");
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Sizeof, type);
        code.Emit(OpCodes.Conv_I8);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Measure>()([]);
    }

    /// <summary>The difference of the addresses of a field and of the struct it is in.</summary>
    internal static long OffsetOf(Type type, FieldInfo field)
    {
        var method = Method($"offsetof_{type.Name}_{field.Name}");
        var code = method.GetILGenerator();
        var local = code.DeclareLocal(type);
        code.Emit(OpCodes.Ldloca, local);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Ldloca, local);
        code.Emit(OpCodes.Conv_U);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Conv_I8);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Measure>()([]);
    }

    private static DynamicMethod Method(string name) =>
        new(name, typeof(long), [typeof(byte[])], MirroredTypes.Assembly.ManifestModule, skipVisibility: true);
}
