using System.Runtime.InteropServices;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Tests.Http2;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>By nghttp2's client over bytes in memory.</summary>
internal sealed class Http2Client(Authenticator? authenticator) : CarriedClient
{
    private readonly Http2World _world = new(authenticator);

    public override FakeConnector Connector => _world.Connector;

    public override FakeLoop Loop => _world.World.Loop;

    public override TunnelLimits Limits => _world.World.Limits;

    public override ClientConnection Connection => _world.Carrier.Client;

    public override IReadOnlyList<string> Outcomes => _world.World.Outcomes;

    public override bool IsOver => _world.Carrier.IsClosed;

    public override CarriedTunnel Ask(params (string Name, string Value)[] fields) =>
        new Tunnel(_world.Client.Ask(fields));

    public override void Vanish() => _world.Carrier.Lose(inOrder: false);

    public override bool Run(Func<bool> until) => _world.World.Simulation.Run(until, Time.Seconds(2000));

    public override void Run(ulong time) => _world.Run(time);

    public override void Dispose()
    {
        _world.AssertClean();
        _world.Dispose();
    }

    private sealed class Tunnel(ClientStream stream) : CarriedTunnel
    {
        public override int Status => stream.Status ?? 0;

        public override long BodyLength => stream.BodyLength;

        public override bool Ended => stream.Ended;

        public override bool WasReset => stream.ResetCode is not null;

        public override ReadOnlySpan<byte> Body => CollectionsMarshal.AsSpan(stream.Body);

        public override string? Field(string name) =>
            stream.Fields.Find(field => field.StartsWith($"{name}: ", StringComparison.Ordinal))?[(name.Length + 2)..];

        public override void Send(ReadOnlySpan<byte> data) => stream.Send(data);

        public override void Finish() => stream.Finish();

        public override void Reset() => stream.Reset(Http2ErrorCode.Cancel);
    }
}
