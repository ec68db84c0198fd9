namespace Relay.Protocol.Tests;

public class ConnectRequestTests
{
    private const string Udp = ":method=CONNECT|:protocol=connect-udp";
    private const string Path = ":path=/.well-known/masque/udp/192.0.2.6/443/";
    private const string Relay = ":scheme=https|:authority=relay.example";

    [Theory]
    [InlineData(":method=CONNECT|:authority=example.com:443", ConnectKind.Tcp, "example.com:443")]
    [InlineData(":authority=example.com:443|:method=CONNECT", ConnectKind.Tcp, "example.com:443")]
    [InlineData(":method=CONNECT|:authority=[2001:db8::1]:22", ConnectKind.Tcp, "[2001:db8::1]:22")]
    [InlineData(":method=CONNECT|:authority=192.0.2.1:80|user-agent=x|cookie=a", ConnectKind.Tcp, "192.0.2.1:80")]
    [InlineData(":method=CONNECT|:authority=a.example:443|host=b.example", ConnectKind.Tcp, "a.example:443")]
    [InlineData(":method=CONNECT|:authority=a.example:443|content-length=0", ConnectKind.Tcp, "a.example:443")]
    [InlineData(":method=CONNECT|:authority=a.example:443|te=trailers", ConnectKind.Tcp, "a.example:443")]
    [InlineData(":method=CONNECT|:authority=a:443|proxy-authorization=Basic YQ==", ConnectKind.Tcp, "a:443")]
    [InlineData(":method=CONNECT|:authority=a.example:443|x=", ConnectKind.Tcp, "a.example:443")]
    [InlineData(":method=CONNECT|:authority=a.example:443|x=\u00e9\t!", ConnectKind.Tcp, "a.example:443")]

    // RFC 9298 §3.4, figure 5.
    [InlineData(Udp + "|" + Relay + "|" + Path + "|capsule-protocol=?1", ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(Udp + "|" + Relay + "|" + Path, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(Udp + "|" + Relay + "|" + Path + "|capsule-protocol=?0", ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(
        Udp + "|" + Relay + "|" + Path + "|capsule-protocol=?1|capsule-protocol=?1", ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(Udp + "|:scheme=https|:authority=relay.example:443|" + Path, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(Udp + "|:scheme=https|:authority=[2001:db8::1]:443|" + Path, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(Udp + "|:scheme=HTTPS|:authority=other.example|" + Path, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(":method=CONNECT|:protocol=Connect-UDP|" + Relay + "|" + Path, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(
        Udp + "|" + Relay + "|:path=/.well-known/masque/udp/2001%3Adb8%3A%3A42/53/",
        ConnectKind.Udp,
        "[2001:db8::42]:53")]
    public void Evaluate_ConformingRequest_IsAccepted(string fields, ConnectKind kind, string target)
    {
        var decision = ConnectRequest.Evaluate(RequestHeadersTests.Collect(fields.Split('|')));

        Assert.Equal((kind, 0, RequestFault.None), (decision.Kind, decision.Status, decision.Fault));
        Assert.Equal(target, decision.Target.ToString());
        Assert.True(decision.IsAccepted);
    }

    [Theory]

    // The section by itself, whatever the method.
    [InlineData("x=y", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=|:authority=a:1", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=CON NECT|:authority=a:1", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:method=CONNECT|:authority=a:1", 400, RequestFault.DuplicatePseudoHeader)]
    [InlineData(":method=CONNECT|:authority=a:1|:authority=b:1", 400, RequestFault.DuplicatePseudoHeader)]
    [InlineData(Udp + "|" + Relay + "|" + Path + "|" + Path, 400, RequestFault.DuplicatePseudoHeader)]
    [InlineData(Udp + "|:protocol=connect-udp|" + Relay + "|" + Path, 400, RequestFault.DuplicatePseudoHeader)]
    [InlineData(":method=CONNECT|:status=200|:authority=a:1", 400, RequestFault.UnknownPseudoHeader)]
    [InlineData(":method=CONNECT|:foo=bar|:authority=a:1", 400, RequestFault.UnknownPseudoHeader)]
    [InlineData(":method=CONNECT|x=y|:authority=a:1", 400, RequestFault.MisplacedPseudoHeader)]
    [InlineData(":method=CONNECT|:authority=a:1|X=y", 400, RequestFault.MalformedField)]
    [InlineData(":Method=CONNECT|:authority=a:1", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|x y=z", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|x:y=z", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|:=z", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|x=a\r\nb", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|x=a\0b", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|x=a\u007fb", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a\n:1", 400, RequestFault.MalformedField)]
    [InlineData(":method=CONNECT|:authority=a:1|connection=close", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(":method=CONNECT|:authority=a:1|keep-alive=1", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(":method=CONNECT|:authority=a:1|proxy-connection=close", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(":method=CONNECT|:authority=a:1|upgrade=connect-udp", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(":method=CONNECT|:authority=a:1|transfer-encoding=chunked", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(":method=CONNECT|:authority=a:1|te=gzip", 400, RequestFault.ConnectionSpecificField)]
    [InlineData(
        ":method=CONNECT|:authority=a:1|proxy-authorization=a|proxy-authorization=b",
        400,
        RequestFault.DuplicateCredentials)]
    [InlineData(
        ":method=CONNECT|:authority=a:1|authorization=a|authorization=a", 400, RequestFault.DuplicateCredentials)]

    // CONNECT: RFC 9114 §4.4.
    [InlineData(":method=CONNECT", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=CONNECT|:authority=", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=CONNECT|host=a:1", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=CONNECT|:scheme=https|:authority=a:1", 400, RequestFault.UnexpectedPseudoHeader)]
    [InlineData(":method=CONNECT|:path=/|:authority=a:1", 400, RequestFault.UnexpectedPseudoHeader)]
    [InlineData(":method=CONNECT|:path=|:authority=a:1", 400, RequestFault.UnexpectedPseudoHeader)]
    [InlineData(":method=CONNECT|:authority=example.com", 400, RequestFault.InvalidTarget)]
    [InlineData(":method=CONNECT|:authority=example.com:0", 400, RequestFault.InvalidTarget)]
    [InlineData(":method=CONNECT|:authority=u@example.com:443", 400, RequestFault.InvalidTarget)]
    [InlineData(":method=CONNECT|:authority=127.1:443", 400, RequestFault.InvalidTarget)]

    // Extended CONNECT: RFC 9220 §3, RFC 9298 §3.4.
    [InlineData(":method=CONNECT|:protocol=websocket|" + Relay + "|:path=/chat", 501, RequestFault.UnsupportedProtocol)]
    [InlineData(":method=CONNECT|:protocol=connect-ip|" + Relay + "|:path=/", 501, RequestFault.UnsupportedProtocol)]
    [InlineData(":method=CONNECT|:protocol=connect-udp2|" + Relay + "|" + Path, 501, RequestFault.UnsupportedProtocol)]
    [InlineData(":method=CONNECT|:protocol=connect-tcp|:authority=a:1", 501, RequestFault.UnsupportedProtocol)]
    [InlineData(":method=CONNECT|:protocol=|" + Relay + "|" + Path, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|:authority=relay.example|" + Path, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|:scheme=|:authority=relay.example|" + Path, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|:scheme=https|" + Path, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|" + Relay, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|" + Relay + "|:path=", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(Udp + "|:scheme=http|:authority=relay.example|" + Path, 400, RequestFault.InvalidScheme)]
    [InlineData(Udp + "|:scheme=masque|:authority=relay.example|" + Path, 400, RequestFault.InvalidScheme)]
    [InlineData(Udp + "|:scheme=https|:authority=u:p@relay.example|" + Path, 400, RequestFault.InvalidAuthority)]
    [InlineData(Udp + "|:scheme=https|:authority=relay example|" + Path, 400, RequestFault.InvalidAuthority)]
    [InlineData(Udp + "|" + Relay + "|:path=/", 404, RequestFault.NotFound)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/ip/*/*/", 404, RequestFault.NotFound)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp", 404, RequestFault.NotFound)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp//443/", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/a/0/", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/a/65536/", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/a/443", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/a/443/?x", 400, RequestFault.InvalidTarget)]
    [InlineData(Udp + "|" + Relay + "|:path=/.well-known/masque/udp/::1/443/", 400, RequestFault.InvalidTarget)]

    // RFC 9297 §3.2: no content with capsules.
    [InlineData(Udp + "|" + Relay + "|" + Path + "|content-length=0", 400, RequestFault.UnexpectedContent)]
    [InlineData(Udp + "|" + Relay + "|" + Path + "|content-type=text/plain", 400, RequestFault.UnexpectedContent)]
    [InlineData(Udp + "|" + Relay + "|" + Path + "|transfer-encoding=x", 400, RequestFault.ConnectionSpecificField)]

    // All other requests.
    [InlineData(":method=GET|" + Relay + "|:path=/", 404, RequestFault.NotFound)]
    [InlineData(":method=HEAD|" + Relay + "|:path=/x", 404, RequestFault.NotFound)]
    [InlineData(":method=POST|" + Relay + "|:path=/x|content-length=3", 404, RequestFault.NotFound)]
    [InlineData(":method=GET|" + Relay + "|" + Path, 404, RequestFault.NotFound)]
    [InlineData(":method=OPTIONS|" + Relay + "|:path=*", 405, RequestFault.MethodNotAllowed)]
    [InlineData(":method=PUT|" + Relay + "|:path=/", 405, RequestFault.MethodNotAllowed)]
    [InlineData(":method=connect|" + Relay + "|:path=/", 405, RequestFault.MethodNotAllowed)]
    [InlineData(":method=TRACE|" + Relay + "|:path=/", 405, RequestFault.MethodNotAllowed)]
    [InlineData(":method=GET|:authority=a|:path=/", 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=GET|" + Relay, 400, RequestFault.MissingPseudoHeader)]
    [InlineData(":method=GET|:protocol=connect-udp|" + Relay + "|" + Path, 400, RequestFault.UnexpectedPseudoHeader)]
    public void Evaluate_OtherRequest_IsRefusedWithItsReason(string fields, int status, RequestFault fault)
    {
        var decision = ConnectRequest.Evaluate(RequestHeadersTests.Collect(fields.Split('|')));

        Assert.Equal((ConnectKind.None, status, fault), (decision.Kind, decision.Status, decision.Fault));
        Assert.Equal(default, decision.Target);
        Assert.False(decision.IsAccepted);
    }

    [Theory]
    [InlineData("/udp/a.example/53", 0, RequestFault.None, "a.example:53")]
    [InlineData("/.well-known/masque/udp/a.example/53/", 0, RequestFault.None, "a.example:53")]
    [InlineData("/?target_host=a.example&target_port=53", 0, RequestFault.None, "a.example:53")]
    [InlineData("/udp/a.example/0", 400, RequestFault.InvalidTarget, ":0")]
    [InlineData("/udp/a.example", 400, RequestFault.InvalidTarget, ":0")]
    [InlineData("/?x", 404, RequestFault.NotFound, ":0")]
    [InlineData("/ud", 404, RequestFault.NotFound, ":0")]
    public void Evaluate_WithFurtherTemplates_TakesThemToo(string path, int status, RequestFault fault, string target)
    {
        Assert.True(ConnectUdpTemplate.TryParse("/udp/{target_host}/{target_port}", out var first, out _));
        Assert.True(ConnectUdpTemplate.TryParse("/{?target_host,target_port}", out var second, out _));
        var headers = RequestHeadersTests.Collect($"{Udp}|{Relay}|:path={path}".Split('|'));
        var decision = ConnectRequest.Evaluate(headers, first, second);
        Assert.Equal(
            (status, fault, target), (decision.Status, decision.Fault, decision.Target.ToString()));
    }

    [Fact]
    public void Evaluate_TooLargeASection_Is431()
    {
        var headers = new RequestHeaders(100);
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":authority"u8, "example.com:443"u8);

        Assert.Equal((431, RequestFault.HeadersTooLarge), Outcome(ConnectRequest.Evaluate(headers)));
    }

    [Fact]
    public void Evaluate_NoFields_Is400() =>
        Assert.Equal(
            (400, RequestFault.MissingPseudoHeader), Outcome(ConnectRequest.Evaluate(new RequestHeaders(100))));

    [Fact]
    public void GetStatusCode_EveryFault_IsAnError()
    {
        foreach (var fault in Enum.GetValues<RequestFault>())
        {
            if (fault == RequestFault.None)
                Assert.Equal(0, ConnectRequest.GetStatusCode(fault));
            else
                Assert.Contains(ConnectRequest.GetStatusCode(fault), (int[])[400, 404, 405, 414, 431, 501, 505]);
        }
    }

    private static (int Status, RequestFault Fault) Outcome(ConnectDecision decision) =>
        (decision.Status, decision.Fault);
}
