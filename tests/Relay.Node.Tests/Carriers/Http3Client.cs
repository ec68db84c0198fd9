using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>By QUIC in memory.</summary>
internal sealed class Http3Client : CarriedClient
{
    private readonly Network _network;
    private readonly TestClient _client;

    public Http3Client(Authenticator? authenticator)
    {
        var settings = new NodeSettings { MaxTunnels = 100, MaxTunnelsPerConnection = 100 };
        _network = new Network(authenticator is null ? settings : settings with { Authenticator = authenticator });
        _client = _network.Establish();
        Connection = _network.Node.Client;
    }

    public override FakeConnector Connector => _network.Node.Connector;

    public override FakeLoop Loop => _network.Node.Loop;

    public override TunnelLimits Limits => _network.Node.Context.Limits;

    public override ClientConnection Connection { get; }

    public override IReadOnlyList<string> Outcomes =>
        [.. Loop.Ended.Select(static tunnel => TunnelOutcomeNames.Of(tunnel.Outcome))];

    public override bool IsOver => _client.IsOver;

    public override CarriedTunnel Ask(params (string Name, string Value)[] fields) =>
        new Tunnel(_client.Request(fields));

    public override void Vanish() => _client.IsAlive = false;

    public override bool Run(Func<bool> until) => _network.Simulation.Run(until, Time.Seconds(2000));

    public override void Run(ulong time) => _network.Run(time);

    public override void Dispose()
    {
        _network.CloseAndAssertClean();
        _network.Dispose();
    }

    private sealed class Tunnel(TestStream stream) : CarriedTunnel
    {
        public override int Status => stream.Status;

        public override long BodyLength => stream.BodyLength;

        public override bool Ended => stream.Ended;

        public override bool WasReset => stream.ResetCode is not null;

        public override ReadOnlySpan<byte> Body => stream.Body;

        public override string? Field(string name) => stream.Headers.GetValueOrDefault(name);

        public override void Send(ReadOnlySpan<byte> data) => stream.Send(data);

        public override void Finish() => stream.Finish();

        public override void Reset() => stream.Reset(Http3ErrorCode.RequestCancelled);
    }
}
