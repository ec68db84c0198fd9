using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>Connects by each version of HTTP, asks for a UDP and a TCP tunnel, and notes what the relay says.</summary>
internal sealed class ProbeWorkload(TargetAuthority target, TimeSpan timeout, params HttpProtocol[] protocols) : Workload
{
    private readonly Dictionary<ClientConnection, CarrierProbe> _of = [];
    private ulong _endAt;

    public CarrierProbe[] Carriers { get; } = [.. protocols.Select(static protocol => new CarrierProbe(protocol))];

    public override (double Fraction, string Text) Progress =>
        (-1, Carriers.Any(carrier => carrier.Connection is not null) ? "asking" : "connecting");

    public override void OnStart()
    {
        _endAt = Loop.Now + (ulong)(timeout.Ticks * 100);
        foreach (var carrier in Carriers)
            Connect(carrier);
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        var carrier = _of[connection];
        if (carrier.Connection is not null)
            return;
        carrier.OnReady(connection);
        // Over HTTP/3 a relay without datagrams may take capsules.
        if (connection.Protocol == HttpProtocol.Http3 || carrier.WhyNoUdp is null)
            carrier.Udp = Open(carrier, connection, TunnelRequest.Udp(Loop.Config, target));
        carrier.Tcp = Open(carrier, connection, TunnelRequest.Tcp(Loop.Config, target));
        if (carrier.Tcp is null)
            carrier.OnEnded("the relay allows fewer than two streams");
    }

    public override void OnConnectionEnded(ClientConnection connection) =>
        _of[connection].OnEnded(connection.DescribeEnd());

    public override void OnTick()
    {
        var late = Loop.Now >= _endAt;
        foreach (var carrier in Carriers)
        {
            if (late && carrier.Connection is null)
                carrier.OnEnded("no answer in time");
            carrier.Measure();
        }
        if (!late && !Carriers.All(static carrier => carrier.IsDone))
            return;
        if (Carriers.All(static carrier => carrier.Failure is not null))
            Fail(string.Join("; ", Carriers.Select(carrier => carrier.Failure).Distinct()));
        else
            Finish();
    }

    private ClientConnection Connect(CarrierProbe carrier)
    {
        var connection = Loop.Connect(carrier.Protocol);
        _of.Add(connection, carrier);
        return connection;
    }

    private TunnelStream? Open(CarrierProbe carrier, ClientConnection connection, TunnelRequest request)
    {
        if (!connection.TryOpen(request, Create, out var tunnel) && carrier.Protocol == HttpProtocol.Http11)
            Connect(carrier).TryOpen(request, Create, out tunnel);
        return tunnel;
    }

    private static ProbeTunnel Create(ClientConnection connection) => new(connection);

    /// <summary>A tunnel that nothing is sent through.</summary>
    private sealed class ProbeTunnel(ClientConnection connection) : TunnelStream(connection)
    {
        protected override void OnBody(ReadOnlySpan<byte> data) => Consume(data.Length);

        protected override int PullBody(Span<byte> destination) => 0;
    }
}
