using Relay.Load.Client;
using Relay.Native.Tls;
using Relay.Protocol;

namespace Relay.Load.Tests;

/// <summary>A connection without a relay, for tunnels to belong to.</summary>
internal sealed class FakeConnection(ClientLoop loop) : ClientConnection(loop, 0)
{
    public override HttpProtocol Protocol => HttpProtocol.Http11;

    public override string? WhyNoUdp => null;

    public override string TlsVersion => "";

    public override string Alpn => "";

    public override ulong RoundTrip => 0;

    /// <summary>One of a loop that never runs.</summary>
    public static FakeConnection Create() => new(new ClientLoop(
        new ClientConfig
        {
            Relay = new IPEndPoint(IPAddress.Loopback, 1),
            ServerName = "relay.test",
            Tls = TlsContext.CreateClient([], verifyPeer: false),
            Fields = [("proxy-authorization", "Bearer x")],
        },
        new Idle()));

    public override bool TryOpen(
        TunnelRequest request, Func<ClientConnection, TunnelStream> create, out TunnelStream? tunnel)
    {
        tunnel = null;
        return false;
    }

    public override string DescribeEnd() => "";

    public override string DescribeTunnelEnd(ulong code) => $"{code}";

    internal override void WriteTurn()
    {
    }

    internal override void OnFinish()
    {
    }

    internal override void Close()
    {
    }

    protected override void Release() => Loop.Dispose();

    private sealed class Idle : Workload
    {
        public override void OnStart()
        {
        }
    }
}

/// <summary>A tunnel of it.</summary>
internal sealed class FakeTunnel(ClientConnection connection) : TunnelStream(connection)
{
    protected override void OnBody(ReadOnlySpan<byte> data)
    {
    }

    protected override int PullBody(Span<byte> destination) => 0;
}
