using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http1;

/// <summary>What a request is answered with, to the byte, and that nothing follows a refusal.</summary>
public sealed class AnswerTests : Http1Tests
{
    private const string Malformed = "Proxy-Status: relay-node; error=http_request_error\r\n" + AltSvc;
    private const string Closes = "Content-Length: 0\r\nConnection: close\r\n";
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n" + Host + "\r\n", "404 Not Found", "")]
    [InlineData("HEAD / HTTP/1.1\r\n" + Host + "\r\n", "404 Not Found", "")]
    [InlineData("POST / HTTP/1.1\r\n" + Host + "Content-Length: 4\r\n\r\nbody", "404 Not Found", "")]
    [InlineData("PUT / HTTP/1.1\r\n" + Host + "\r\n", "405 Method Not Allowed", "Allow: CONNECT\r\n")]
    [InlineData("CONNECT target.test HTTP/1.1\r\n" + Host + "\r\n", "400 Bad Request", Malformed)]
    [InlineData("CONNECT target.test:80 HTTP/1.1\r\n\r\n", "400 Bad Request", Malformed)]
    [InlineData("CONNECT target.test:80 HTTP/1.1\n", "400 Bad Request", Malformed)]
    [InlineData("\u0016\u0003\u0001\n", "400 Bad Request", Malformed)]
    [InlineData(
        "GET / HTTP/1.1\r\n" + Host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "501 Not Implemented",
        Malformed)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported", Malformed)]
    public void Refused_IsAnsweredAndEnds(string request, string status, string fields)
    {
        Send(request);
        Send("CONNECT target.test:80 HTTP/1.1\r\nHost: a\r\n\r\n");
        Settle();
        Assert.Equal($"HTTP/1.1 {status}\r\n{Closes}{fields}\r\n", GotText);
        Assert.Equal(1, World.Loop.Counters.RequestsRefused);
        Assert.Empty(World.Connector.Targets);
        Assert.True(Carrier.HasEndedWriting);
        Assert.False(Carrier.WasReset);
        AssertClean();
    }

    [Fact]
    public void Head_WithoutAnEnd_IsTooLarge()
    {
        Send("CONNECT target.test:80 HTTP/1.1\r\n" + Host + "X: ");
        Send(new string('x', 2000));
        Settle();
        Assert.StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n", GotText, StringComparison.Ordinal);
        AssertClean();
        Renew();
        Send("GET /" + new string('x', 2000));
        Settle();
        Assert.StartsWith("HTTP/1.1 414 URI Too Long\r\n", GotText, StringComparison.Ordinal);
        AssertClean();
        Renew();
        // Small on the wire, and many.
        Send("CONNECT target.test:80 HTTP/1.1\r\n" + Host + string.Concat(Enumerable.Repeat("a:\r\n", 90)) + "\r\n");
        Settle();
        Assert.StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n", GotText, StringComparison.Ordinal);
        AssertClean();
    }

    [Fact]
    public void EveryStatus_HasItsPhrase()
    {
        foreach (var error in Enum.GetValues<ProxyErrorType>().Where(static error => error != ProxyErrorType.None))
        {
            World.Connector.Failure = new ConnectFailure(error);
            Send(Connect);
            Settle();
            Assert.Matches($"^HTTP/1.1 {ProxyStatus.GetStatusCode(error)} [A-Z][A-Za-z ]+\r\n", GotText);
            AssertClean();
            Renew();
        }
    }

    [Fact]
    public void Failed_SaysWhy()
    {
        World.Connector.Failure = new ConnectFailure(ProxyErrorType.DnsError, Rcode: "NXDOMAIN");
        Send(ConnectUdp);
        Settle();
        Assert.Equal(
            $"HTTP/1.1 502 Bad Gateway\r\n{Closes}Proxy-Status: relay-node; error=dns_error; rcode=\"NXDOMAIN\"\r\n{AltSvc}\r\n",
            GotText);
        AssertClean();
        Assert.Contains(" outcome=refused error=dns_error ", Assert.Single(World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Unauthenticated_IsChallengedAndEnds()
    {
        Authenticator = new Authenticator(
            new CredentialSet(null, new TokenTable<string>([(TokenHash.Create(Bytes(Token)), "robot")])),
            new ManualQueue(), TimeProvider.System);
        Send(Connect + "secret for the target");
        Settle();
        Assert.Equal(
            $"HTTP/1.1 407 Proxy Authentication Required\r\n{Closes}"
            + "Proxy-Status: relay-node; error=http_request_denied\r\nProxy-Authenticate: Bearer realm=\"relay\"\r\n"
            + AltSvc + "\r\n",
            GotText);
        AssertClean();
        Renew();
        Send($"CONNECT target.test:80 HTTP/1.1\r\n{Host}Proxy-Authorization: Bearer {Token}\r\n\r\n");
        Settle();
        Assert.Equal(Connected, GotText);
        Assert.Equal("credential:robot", Carrier.Client.Identity.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Head_SplitAtEveryByte_HasItsAnswer(bool udp)
    {
        foreach (var letter in udp ? ConnectUdp : Connect)
        {
            Assert.Empty(Got);
            Send(letter.ToString());
            Settle();
            Assert.Equal(1, Carrier.StreamCount);
        }
        Assert.Equal(udp ? Upgraded : Connected, GotText);
    }

    [Fact]
    public void ConnectOfHttp10_HasItsTunnel()
    {
        Send("CONNECT target.test:80 HTTP/1.0\r\n\r\n");
        Settle();
        Assert.Equal(Connected, GotText);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
