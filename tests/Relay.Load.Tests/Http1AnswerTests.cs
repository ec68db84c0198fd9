using System.Text;
using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Tests;

public sealed class Http1AnswerTests : IDisposable
{
    private readonly FakeConnection _connection = FakeConnection.Create();
    private readonly Http1AnswerReader _reader = new();

    public void Dispose() => _connection.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Answer_CutAnywhere_IsReadUpToItsEnd(int piece)
    {
        var tunnel = Read(
            "HTTP/1.1 200 OK\r\nProxy-Status:  relay; next-hop=\"x\" \r\nAlt-Svc: h3=\":443\"\r\n\r\nbody", upgrades: false,
            piece, out var rest);
        Assert.True(tunnel.IsOpen);
        Assert.Equal("relay; next-hop=\"x\"", tunnel.ProxyStatus);
        Assert.Equal("h3=\":443\"", tunnel.AltSvc);
        Assert.Equal("body", rest);
    }

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n", true, 101, true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true, 200, false)]
    [InlineData("HTTP/1.1 204\r\n\r\n", false, 204, true)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n", false, 101, false)]
    [InlineData("HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.0 403 No\r\n\r\n", false, 403, false)]
    public void Answer_ToAnUpgradeOrAConnect_OpensByItsOwnStatus(string text, bool upgrades, int status, bool opens)
    {
        var tunnel = Read(text, upgrades, 7, out _);
        Assert.Equal(status, tunnel.Status);
        Assert.Equal(opens, tunnel.IsOpen);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20x OK\r\n\r\n")]
    [InlineData("\r\n\r\n")]
    public void Answer_ThatIsNone_Fails(string text)
    {
        _reader.Read(Encoding.ASCII.GetBytes(text));
        Assert.True(_reader.HasFailed);
        Assert.False(_reader.IsComplete);
    }

    [Fact]
    public void Answer_WithoutAnEnd_FailsAtABound()
    {
        var piece = new byte[1000];
        var given = 0;
        for (; !_reader.HasFailed; given += piece.Length)
            _reader.Read(piece);
        Assert.InRange(given, 60_000, 70_000);
    }

    [Fact]
    public void Requests_AreInTheWordsOfHttp1()
    {
        var config = _connection.Loop.Config;
        var target = new TargetAuthority("2001:db8::1", 53);
        Assert.Equal(
            "CONNECT [2001:db8::1]:53 HTTP/1.1\r\nhost: [2001:db8::1]:53\r\nproxy-authorization: Bearer x\r\n\r\n",
            Encoding.ASCII.GetString(TunnelRequest.Tcp(config, target).Text));
        Assert.Equal(
            "GET /.well-known/masque/udp/2001%3Adb8%3A%3A1/53/ HTTP/1.1\r\nhost: relay.test:1\r\nconnection: Upgrade\r\n"
            + "upgrade: connect-udp\r\ncapsule-protocol: ?1\r\nproxy-authorization: Bearer x\r\n\r\n",
            Encoding.ASCII.GetString(TunnelRequest.Udp(config, target).Text));
    }

    /// <summary>As a connection does: until there is an answer that is the last.</summary>
    private FakeTunnel Read(string text, bool upgrades, int piece, out string rest)
    {
        var tunnel = new FakeTunnel(_connection);
        var bytes = Encoding.ASCII.GetBytes(text);
        var at = 0;
        while (tunnel is { IsOpen: false, Status: 0 or 100 or 103 })
        {
            at += _reader.Read(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            Assert.False(_reader.HasFailed);
            if (_reader.IsComplete)
                _reader.Tell(tunnel, upgrades);
        }
        rest = text[at..];
        return tunnel;
    }
}
