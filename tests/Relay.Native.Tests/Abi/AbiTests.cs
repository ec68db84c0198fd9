using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Relay.Native.Tests.Abi;

/// <summary>
/// Every mirrored struct and constant against the installed headers, on the architecture the tests run on.
/// </summary>
public class AbiTests
{
    public static TheoryData<string> StructHeaders =>
        [.. MirroredTypes.Structs.Select(entry => entry.Attribute.Headers).Distinct().Order(StringComparer.Ordinal)];

    public static TheoryData<string> ConstantHeaders =>
        [.. MirroredTypes.Constants.Select(entry => entry.Headers).Distinct().Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(StructHeaders))]
    public void Structs_AgainstHeader_HaveTheSameLayout(string headers)
    {
        var expected = new Dictionary<string, (long Offset, long Size, bool MayBeLarger)>();
        var body = new StringBuilder();
        foreach (var (type, attribute) in MirroredTypes.Structs.Where(entry => entry.Attribute.Headers == headers))
        {
            expected.Add(type.FullName!, (0, StructLayout.SizeOf(type), attribute.GrowsAtEnd));
            body.AppendLine($"""    printf("{type.FullName} 0 %zu\n", sizeof({attribute.Type}));""");
            foreach (var field in MirroredTypes.InstanceFields(type))
            {
                var name = field.GetCustomAttribute<NativeFieldAttribute>()?.Name ?? field.Name;
                if (name.Length == 0)
                    continue;
                var key = $"{type.FullName}.{field.Name}";
                expected.Add(key, (StructLayout.OffsetOf(type, field), StructLayout.SizeOf(field.FieldType), false));
                var member = $"(({attribute.Type} *)0)->{name}";
                body.AppendLine(
                    $"""    printf("{key} %zu %zu\n", offsetof({attribute.Type}, {name}), sizeof({member}));""");
            }
        }

        var differences = new List<string>();
        foreach (var line in CCompiler.Run(headers, body.ToString()))
        {
            var parts = line.Split(' ');
            var offset = long.Parse(parts[1]);
            var size = long.Parse(parts[2]);
            Assert.True(expected.Remove(parts[0], out var mirror));
            if (offset != mirror.Offset || (mirror.MayBeLarger ? size < mirror.Size : size != mirror.Size))
                differences.Add($"{parts[0]}: C {offset} size {size}, C# {mirror.Offset} size {mirror.Size}");
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Empty(expected);
    }

    [Theory]
    [MemberData(nameof(ConstantHeaders))]
    public void Constants_AgainstHeader_HaveTheSameValue(string headers)
    {
        var constants = MirroredTypes.Constants.Where(entry => entry.Headers == headers).ToArray();
        var body = new StringBuilder();
        foreach (var (field, name, _) in constants)
        {
            body.AppendLine(field.FieldType == typeof(string)
                ? $"""    printf("%s\n", {name});"""
                : $"""    printf("%lld\n", (long long)({name}));""");
        }

        var values = CCompiler.Run(headers, body.ToString());
        Assert.Equal(constants.Length, values.Length);
        var differences = constants.Zip(values)
            .Where(pair => Text(pair.First.Field) != pair.Second)
            .Select(pair => $"{pair.First.Name}: C {pair.Second}, C# {Text(pair.First.Field)}").ToArray();
        Assert.True(differences.Length == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Structs_ThatCrossTheBorder_SayWhatTheyMirror()
    {
        var crossing = MirroredTypes.Crossing();
        Assert.NotEmpty(crossing);
        var silent = crossing.Where(type => !type.IsDefined(typeof(NativeStructAttribute)))
            .Select(type => type.FullName).ToArray();
        Assert.True(silent.Length == 0, string.Join('\n', silent));
    }

    [Fact]
    public void Calls_AreBlittableAndLeaveErrnoAlone()
    {
        const BindingFlags All =
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var wrong =
            from type in MirroredTypes.Assembly.GetTypes()
            from method in type.GetMethods(All)
            let import = method.GetCustomAttribute<DllImportAttribute>()
            where import is not null
            let types = method.GetParameters().Append(method.ReturnParameter)
                .Select(parameter => parameter.ParameterType)
            where import.SetLastError || types.Any(crossing => !crossing.IsValueType && !IsPointer(crossing))
            select $"{type.Name}.{method.Name}";
        Assert.Empty(wrong);
    }

    private static bool IsPointer(Type type) => type.IsPointer || type.IsFunctionPointer;

    private static string Text(FieldInfo constant) => constant.GetRawConstantValue() switch
    {
        string text => text,
        ulong number => unchecked((long)number).ToString(),
        var number => Convert.ToInt64(number).ToString(),
    };
}
