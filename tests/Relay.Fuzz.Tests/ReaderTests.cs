using System.Reflection;
using Relay.Protocol;

namespace Relay.Fuzz.Tests;

/// <summary>Every public reader of the protocol has a target: whoever adds one says here which.</summary>
public class ReaderTests
{
    private static readonly Dictionary<string, string> TargetOf = new()
    {
        ["Capsule.TryReadHeader"] = "capsules",
        ["CapsuleReader.Read"] = "capsules",
        ["ClientControlStream.Read"] = "control-stream",
        ["ConnectionIdLayout.TryRead"] = "connection-id",
        ["ConnectionIdLayout.TryReadDestination"] = "connection-id",
        ["ConnectionIdLayout.TryReadVersion"] = "connection-id",
        ["ConnectionIdLayout.IsLongHeader"] = "connection-id",
        ["ConnectUdpTemplate.HasPrefix"] = "udp-path",
        ["ConnectUdpTemplate.TryParse"] = "udp-template",
        ["ConnectUdpTemplate.TryParsePath"] = "udp-path",
        ["Http1RequestReader.Read"] = "http1",
        ["HttpDatagram.Read"] = "datagram",
        ["HttpDatagram.ReadContextId"] = "datagram",
        ["IRequestFields.Add"] = "request",
        ["RequestHeaders.Add"] = "request",
        ["TargetAuthority.TryCreate"] = "authority",
        ["TargetAuthority.TryParse"] = "authority",
        ["VariableLengthInteger.TryRead"] = "varint",
    };

    [Fact]
    public void PublicReaders_HaveATarget()
    {
        var readers = typeof(Capsule).Assembly.GetExportedTypes()
            .SelectMany(static type => type.GetMethods(
                BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(IsReader).Select(static method => $"{method.DeclaringType!.Name}.{method.Name}").Distinct();
        Assert.Equal(TargetOf.Keys.Order(StringComparer.Ordinal), readers.Order(StringComparer.Ordinal));
        Assert.All(TargetOf.Values, static name => Assert.True(TargetTable.Has(name), name));
    }

    /// <summary>Takes bytes, and writes none.</summary>
    private static bool IsReader(MethodInfo method)
    {
        var types = method.GetParameters().Select(static parameter => parameter.ParameterType).ToArray();
        return types.Any(static type => type == typeof(ReadOnlySpan<byte>) || type == typeof(ReadOnlySpan<byte>).MakeByRefType())
            && !types.Contains(typeof(Span<byte>))
            || method.Name == "TryParse" && types[0] == typeof(string);
    }
}
