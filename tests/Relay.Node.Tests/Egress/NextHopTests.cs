using System.Net.Sockets;
using System.Text;
using Relay.Node.Egress;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Egress;

/// <summary>
/// What a client is told of the address that its target was reached at, or not, by a loop that turns. masque-go reads it
/// with netip.ParseAddrPort, which takes nothing without a port.
/// </summary>
public sealed class NextHopTests : IDisposable
{
    private readonly RunningLoop _running = new();

    public void Dispose() => _running.Dispose();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:{0}")]
    [InlineData("::1", "[::1]:{0}")]
    public async Task Tcp_Connected_NamesAddressAndPort(string address, string expected)
    {
        using var target = new TcpListener(IPAddress.Parse(address), 0);
        target.Start();
        await AssertNextHopAsync<ITcpFlow>((IPEndPoint)target.LocalEndpoint, expected, Connector.OpenTcp);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:{0}")]
    [InlineData("::1", "[::1]:{0}")]
    public async Task Tcp_Refused_NamesAddressAndPort(string address, string expected)
    {
        // Bound and not listening: nobody else gets the port, and the kernel refuses.
        var ip = IPAddress.Parse(address);
        using var closed = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(ip, 0));
        await AssertNextHopAsync<ITcpFlow>((IPEndPoint)closed.LocalEndPoint!, expected, Connector.OpenTcp);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1:{0}")]
    [InlineData("::1", "[::1]:{0}")]
    public async Task Udp_Connected_NamesAddressAndPort(string address, string expected)
    {
        using var target = new UdpClient(new IPEndPoint(IPAddress.Parse(address), 0));
        await AssertNextHopAsync<IUdpFlow>((IPEndPoint)target.Client.LocalEndPoint!, expected, Connector.OpenUdp);
    }

    private TargetConnector Connector =>
        TestConnector.Create(_running.Loop, timeout: 60_000_000_000, ["127.0.0.0/8", "::1/128"]);

    private delegate void Open<TFlow>(TargetAuthority target, EgressSession session, IConnectObserver<TFlow> observer);

    private async Task AssertNextHopAsync<TFlow>(IPEndPoint target, string expected, Open<TFlow> open)
    {
        Assert.True(TargetAuthority.TryParse(Encoding.ASCII.GetBytes(target.ToString()), out var authority));
        var observer = new NextHopObserver<TFlow>();
        _running.Loop.Post(() => open(authority, new EgressSession(), observer));
        var nextHop = await observer.NextHop.WaitAsync(
            TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(string.Format(expected, target.Port), nextHop);
    }
}
