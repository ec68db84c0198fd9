using Relay.Fuzz.Documents;
using Relay.Fuzz.Engine;
using Relay.Fuzz.Readers;
using Relay.Fuzz.Stack;

namespace Relay.Fuzz;

/// <summary>
/// All targets. Each is made when it is asked for: what is instrumented can only run once AFL++ has its memory.
/// </summary>
internal static class TargetTable
{
    private static readonly Dictionary<string, Func<FuzzTarget>> Targets = new()
    {
        ["varint"] = static () => new VarintTarget(),
        ["datagram"] = static () => new DatagramTarget(),
        ["capsules"] = static () => new CapsuleTarget(),
        ["capsule-sequences"] = static () => new CapsuleSequenceTarget(),
        ["authority"] = static () => new AuthorityTarget(),
        ["udp-path"] = static () => new UdpPathTarget(),
        ["udp-template"] = static () => new UdpTemplateTarget(),
        ["request"] = static () => new RequestTarget(),
        ["http1"] = static () => new Http1Target(),
        ["connection-id"] = static () => new ConnectionIdTarget(),
        ["control-stream"] = static () => new ControlStreamTarget(),
        ["proxy-status"] = static () => new ProxyStatusTarget(),
        ["authorization"] = static () => new AuthorizationTarget(),
        ["config-file"] = static () => new ConfigTarget(),
        ["command-line"] = static () => new CommandLineTarget(),
        ["texts"] = static () => new TextTarget(),
        ["files"] = static () => new FileTarget(),
        ["jwt"] = static () => new JwtTarget(),
        ["jwks"] = static () => new JwksTarget(),
        ["certificates"] = static () => new CertificateTarget(),
        ["json-body"] = static () => new BodyTarget(),
        ["report"] = static () => new ReportTarget(),
        ["fleet-state"] = static () => new FleetStateTarget(),
        ["quic-packets"] = static () => new PacketTarget(),
        ["quic-frames"] = static () => new QuicFrameTarget(),
        ["quic-connections"] = static () => new QuicConnectionTarget(),
        ["http3"] = static () => new Http3Target(),
        ["http2"] = static () => new Http2Target(),
        ["http1-stack"] = static () => new Http1StackTarget(),
    };

    public static IReadOnlyCollection<string> Names => Targets.Keys;

    public static bool Has(string name) => Targets.ContainsKey(name);

    /// <exception cref="KeyNotFoundException">There is no such target.</exception>
    public static FuzzTarget Create(string name) => Targets[name]();
}
