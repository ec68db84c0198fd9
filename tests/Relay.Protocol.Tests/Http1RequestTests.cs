using System.Text;

namespace Relay.Protocol.Tests;

/// <summary>A request of HTTP/1.1 in the terms of the others, and what is decided on it.</summary>
public class Http1RequestTests
{
    private const string Host = "\r\nHost: relay.example";
    private const string Path = "/.well-known/masque/udp/192.0.2.6/443/";
    private const string Upgrade = Host + "\r\nConnection: Upgrade\r\nUpgrade: connect-udp";

    [Theory]
    [InlineData("CONNECT example.com:443 HTTP/1.1" + Host, ConnectKind.Tcp, "example.com:443")]
    [InlineData("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443", ConnectKind.Tcp, "example.com:443")]
    [InlineData("CONNECT [2001:db8::1]:22 HTTP/1.1\r\nHost:", ConnectKind.Tcp, "[2001:db8::1]:22")]
    [InlineData("CONNECT a:1 HTTP/1.0", ConnectKind.Tcp, "a:1")]
    [InlineData("CONNECT a:1 HTTP/1.0" + Host, ConnectKind.Tcp, "a:1")]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nContent-Length: 0", ConnectKind.Tcp, "a:1")]
    [InlineData(
        "CONNECT a:1 HTTP/1.1" + Host
            + "\r\nProxy-Connection: keep-alive\r\nTE: gzip\r\nKeep-Alive: 5\r\nConnection: keep-alive",
        ConnectKind.Tcp, "a:1")]
    [InlineData("CONNECT a:1 HTTP/1.1" + Upgrade, ConnectKind.Tcp, "a:1")]

    // RFC 9298 §3.2, figure 4.
    [InlineData("GET " + Path + " HTTP/1.1" + Upgrade, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData("GET " + Path + " HTTP/1.1" + Upgrade + "\r\nCapsule-Protocol: ?1", ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData("GET https://other.example" + Path + " HTTP/1.1" + Upgrade, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData("GET HTTPS://other.example:1" + Path + " HTTP/1.1" + Upgrade, ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(
        "GET " + Path + " HTTP/1.1" + Host + "\r\nConnection: close , UPGRADE\r\nUpgrade: Connect-UDP",
        ConnectKind.Udp, "192.0.2.6:443")]
    [InlineData(
        "GET " + Path + " HTTP/1.1" + Host
            + "\r\nConnection: x\r\nConnection: upgrade\r\nUpgrade: websocket, connect-udp\r\nUpgrade: h2c",
        ConnectKind.Udp, "192.0.2.6:443")]
    public void Evaluate_Tunnel_IsAccepted(string head, ConnectKind kind, string target)
    {
        var (decision, upgrades) = Evaluate(head);
        Assert.Equal((kind, RequestFault.None), (decision.Kind, decision.Fault));
        Assert.Equal(target, decision.Target.ToString());
        Assert.Equal(kind == ConnectKind.Udp, upgrades);
    }

    [Theory]

    // Host: RFC 9112 §3.2.
    [InlineData("CONNECT a:1 HTTP/1.1", 400, RequestFault.InvalidAuthority)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + Host, 400, RequestFault.InvalidAuthority)]
    [InlineData("CONNECT a:1 HTTP/1.0" + Host + Host, 400, RequestFault.InvalidAuthority)]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nHost: a, b", 400, RequestFault.InvalidAuthority)]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nHost: u@a", 400, RequestFault.InvalidAuthority)]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nHost: a/b", 400, RequestFault.InvalidAuthority)]
    [InlineData("GET / HTTP/1.1", 400, RequestFault.InvalidAuthority)]

    // How long the message is: RFC 9112 §6, RFC 9110 §9.3.6.
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nContent-Length: 1", 400, RequestFault.UnexpectedContent)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nContent-Length: +0", 400, RequestFault.MalformedMessage)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nContent-Length:", 400, RequestFault.MalformedMessage)]
    [InlineData(
        "CONNECT a:1 HTTP/1.1" + Host + "\r\nContent-Length: 0\r\nContent-Length: 0", 400,
        RequestFault.MalformedMessage)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nTransfer-Encoding: chunked", 400, RequestFault.MalformedMessage)]
    [InlineData(
        "GET " + Path + " HTTP/1.1" + Upgrade + "\r\nTransfer-Encoding: chunked", 400, RequestFault.MalformedMessage)]
    [InlineData("GET " + Path + " HTTP/1.1" + Upgrade + "\r\nContent-Length: 0", 400, RequestFault.UnexpectedContent)]
    [InlineData("GET " + Path + " HTTP/1.1" + Upgrade + "\r\nContent-Type: a/b", 400, RequestFault.UnexpectedContent)]
    [InlineData("POST / HTTP/1.1" + Host + "\r\nContent-Length: 3, 3", 400, RequestFault.MalformedMessage)]
    [InlineData(
        "POST / HTTP/1.1" + Host + "\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", 400,
        RequestFault.MalformedMessage)]
    [InlineData("POST / HTTP/1.0\r\nTransfer-Encoding: chunked", 400, RequestFault.MalformedMessage)]

    // The target: RFC 9112 §3.2.
    [InlineData("CONNECT / HTTP/1.1" + Host, 400, RequestFault.InvalidTarget)]
    [InlineData("CONNECT https://a:1/ HTTP/1.1" + Host, 400, RequestFault.InvalidTarget)]
    [InlineData("CONNECT a HTTP/1.1" + Host, 400, RequestFault.InvalidTarget)]
    [InlineData("GET a:1 HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]
    [InlineData("GET x HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]
    [InlineData("GET ://a HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]
    [InlineData("GET https:///x HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]
    [InlineData("GET https://u@a/ HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]
    [InlineData("GET /#x HTTP/1.1" + Host, 400, RequestFault.MalformedMessage)]

    // What it asks for.
    [InlineData("GET / HTTP/1.1" + Host, 404, RequestFault.NotFound)]
    [InlineData("HEAD / HTTP/1.1" + Host, 404, RequestFault.NotFound)]
    [InlineData("GET / HTTP/1.0", 404, RequestFault.NotFound)]
    [InlineData("GET http://a.example HTTP/1.1" + Host, 404, RequestFault.NotFound)]
    [InlineData("GET https://a.example?x HTTP/1.1" + Host, 404, RequestFault.NotFound)]
    [InlineData("POST / HTTP/1.1" + Host + "\r\nTransfer-Encoding: chunked", 404, RequestFault.NotFound)]
    [InlineData("POST " + Path + " HTTP/1.1" + Upgrade, 404, RequestFault.NotFound)]
    [InlineData("OPTIONS * HTTP/1.1" + Host, 405, RequestFault.MethodNotAllowed)]
    [InlineData("PUT / HTTP/1.1" + Host, 405, RequestFault.MethodNotAllowed)]
    [InlineData("connect a://1 HTTP/1.1" + Host, 405, RequestFault.MethodNotAllowed)]
    [InlineData("GET / HTTP/1.1" + Upgrade, 404, RequestFault.NotFound)]
    [InlineData("GET " + Path + "x HTTP/1.1" + Upgrade, 400, RequestFault.InvalidTarget)]
    [InlineData("GET http://a" + Path + " HTTP/1.1" + Upgrade, 400, RequestFault.InvalidScheme)]
    [InlineData(
        "GET " + Path + " HTTP/1.1\r\nHost:\r\nConnection: Upgrade\r\nUpgrade: connect-udp", 400,
        RequestFault.MissingPseudoHeader)]

    // RFC 9110 §7.8.
    [InlineData(
        "GET / HTTP/1.1" + Host + "\r\nConnection: Upgrade\r\nUpgrade: websocket", 501,
        RequestFault.UnsupportedProtocol)]
    [InlineData(
        "GET " + Path + " HTTP/1.1" + Host + "\r\nConnection: Upgrade\r\nUpgrade: connect-udp/1", 501,
        RequestFault.UnsupportedProtocol)]
    [InlineData("GET " + Path + " HTTP/1.1" + Host + "\r\nUpgrade: connect-udp", 404, RequestFault.NotFound)]
    [InlineData("GET " + Path + " HTTP/1.1" + Host + "\r\nConnection: Upgrade", 404, RequestFault.NotFound)]
    [InlineData("GET " + Path + " HTTP/1.1" + Host + "\r\nConnection: Upgrade\r\nUpgrade: ,", 404, RequestFault.NotFound)]
    [InlineData("GET " + Path + " HTTP/1.0" + Upgrade, 404, RequestFault.NotFound)]

    // The head by itself, and what every version has.
    [InlineData("GET / HTTP/2.0", 505, RequestFault.UnsupportedVersion)]
    [InlineData("GET /", 400, RequestFault.MalformedMessage)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\nAuthorization: a\r\nAuthorization: b", 400,
        RequestFault.DuplicateCredentials)]
    [InlineData("CONNECT a:1 HTTP/1.1" + Host + "\r\n:method: GET", 400, RequestFault.MalformedField)]
    public void Evaluate_OtherRequest_IsRefusedWithItsReason(string head, int status, RequestFault fault)
    {
        var (decision, _) = Evaluate(head);
        Assert.Equal((ConnectKind.None, status, fault), (decision.Kind, decision.Status, decision.Fault));
    }

    [Fact]
    public void Translate_FieldsOfTheConnection_AreNotGivenOn()
    {
        var reader = Read(
            "GET https://a.example?q HTTP/1.1" + Upgrade
            + "\r\nTE: x\r\nKeep-Alive: x\r\nProxy-Connection: x\r\nX-Own: 1\r\nAuthorization: Basic YQ==");
        var fields = new FieldList();
        Assert.True(Http1Request.Translate(reader, fields));
        Assert.Equal(
            [
                ":method=CONNECT", ":protocol=connect-udp", ":scheme=https", ":authority=a.example", ":path=?q",
                "x-own=1", "authorization=Basic YQ==",
            ],
            fields);
    }

    internal static string Describe(ReadOnlySpan<byte> head)
    {
        var reader = new Http1RequestReader(200, 5);
        var result = reader.Read(head, out var consumed);
        if (result == Http1ReadResult.NeedMore)
            return "more";
        var headers = new RequestHeaders(400);
        var upgrades = Http1Request.Translate(reader, headers);
        return $"{(result == Http1ReadResult.Complete ? consumed : 0)} {upgrades} {ConnectRequest.Evaluate(headers)}";
    }

    private static (ConnectDecision Decision, bool Upgrades) Evaluate(string head)
    {
        var headers = new RequestHeaders(10_000);
        var upgrades = Http1Request.Translate(Read(head), headers);
        return (ConnectRequest.Evaluate(headers), upgrades);
    }

    private static Http1RequestReader Read(string head)
    {
        var reader = new Http1RequestReader(10_000, 100);
        _ = reader.Read(Http1RequestReaderTests.Bytes(head + "\r\n\r\n"), out _);
        return reader;
    }

    private sealed class FieldList : List<string>, IRequestFields
    {
        public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
            Add($"{Encoding.Latin1.GetString(name)}={Encoding.Latin1.GetString(value)}");

        public void Fail(RequestFault fault) => Add(fault.ToString());
    }
}
