using Relay.Node.Credentials;
using Relay.Node.Http1;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http1;

/// <summary>Bytes behind a head whose answer is not there (RFC 9931): the tunnel's, or nobody's.</summary>
public sealed class EarlyBytesTests : Http1Tests
{
    [Fact]
    public void InTheSamePiece_AreTheTunnels()
    {
        World.Connector.Delay = Time.Seconds(1);
        Send(Connect + "hello");
        Settle();
        Assert.Empty(Got);
        Assert.True(Carrier.Run(() => GotText == Connected + "hello"));
    }

    [Fact]
    public void Capsules_AreTheTunnels()
    {
        World.Connector.Delay = Time.Milliseconds(1);
        Send(ConnectUdp);
        Send(Capsules.Write(CapsuleType.Datagram, 0, "query"u8));
        Assert.True(Carrier.Run(() => Got.Count == Upgraded.Length + 8));
        Assert.Equal("query"u8.ToArray(), World.Connector.Udp[0].Sent[0]);
    }

    [Fact]
    public void BeforeTheTunnel_AreBounded()
    {
        World.Connector.Hold = true;
        World.Connector.SetUpTcp = static flow => flow.Reads = true;
        Send(Connect);
        var sent = 0;
        for (; Protocol.TakesBytes; sent += StreamProtocol.MaxPiece)
            Send(Pattern.Bytes(StreamProtocol.MaxPiece, sent));
        Assert.Equal(RequestStream.MaxEarly, sent);
        World.Connector.Release();
        Settle();
        Assert.True(Protocol.TakesBytes);
        Assert.True(World.Connector.Tcp[0] is { DeliveredPattern: true, Delivered: RequestStream.MaxEarly });
    }

    [Fact]
    public void OfARefusedTunnel_GoNowhere()
    {
        World.Connector.Hold = true;
        World.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused);
        Send(Connect + "POST / HTTP/1.1\r\n");
        Send(new byte[1000]);
        World.Connector.Release();
        Settle();
        Send(Connect);
        Settle();
        Assert.StartsWith("HTTP/1.1 502 Bad Gateway\r\n", GotText, StringComparison.Ordinal);
        Assert.Single(World.Connector.Targets);
        Assert.DoesNotContain("HTTP/1.1", GotText[1..], StringComparison.Ordinal);
        AssertClean();
    }

    [Fact]
    public void WhileAPasswordIsVerified_WaitForIt()
    {
        var queue = new ManualQueue();
        Authenticator = new Authenticator(
            new CredentialSet(
                new PasswordTable(new Dictionary<string, PasswordHash>
                {
                    ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
                }),
                tokens: null),
            queue, TimeProvider.System);
        foreach (var (password, answer) in ((string, string)[])
            [("correct horse", Connected + "early"), ("wrong", "HTTP/1.1 407 ")])
        {
            var basic = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"alice:{password}"));
            Send($"CONNECT target.test:80 HTTP/1.1\r\n{Host}Proxy-Authorization: Basic {basic}\r\n\r\nearly");
            Settle();
            Assert.Empty(Got);
            queue.RunAll();
            Assert.True(Carrier.Run(() => GotText.StartsWith(answer, StringComparison.Ordinal)));
            Renew();
        }
    }

    [Fact]
    public void EndBehindThem_IsTheTunnels()
    {
        World.Connector.Delay = Time.Milliseconds(1);
        Send(Connect + "all");
        Carrier.ReceiveEnd();
        Assert.True(Carrier.Run(() => Carrier.IsClosed));
        Assert.Equal(Connected + "all", GotText);
        Assert.True(World.Connector.Tcp[0].EndDelivered);
        AssertClean();
    }
}
