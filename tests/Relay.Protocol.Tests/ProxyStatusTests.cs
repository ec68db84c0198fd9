using System.Text;
using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class ProxyStatusTests
{
    [Fact]
    public void Format_AllParameters_AreInOrder() =>
        Assert.Equal(
            "relay-node; next-hop=\"192.0.2.1\"; error=dns_error; rcode=\"NXDOMAIN\"; details=\"no such name\"",
            ProxyStatus.Format("192.0.2.1", ProxyErrorType.DnsError, "NXDOMAIN", "no such name"));

    // The shapes of RFC 9209 §2.1.1 (error), §2.1.2 (next-hop) and §2.1.5 (details), with this proxy's name.
    [Theory]
    [InlineData(null, ProxyErrorType.None, null, null, "relay-node")]
    [InlineData(null, ProxyErrorType.ConnectionTimeout, null, null, "relay-node; error=connection_timeout")]
    [InlineData(null, ProxyErrorType.HttpRequestError, null, null, "relay-node; error=http_request_error")]
    [InlineData("backend.example.org:8001", ProxyErrorType.None, null, null,
        "relay-node; next-hop=\"backend.example.org:8001\"")]
    [InlineData("2001:db8::1", ProxyErrorType.ConnectionRefused, null, null,
        "relay-node; next-hop=\"2001:db8::1\"; error=connection_refused")]
    [InlineData(null, ProxyErrorType.None, null, "Malformed response header - space before colon",
        "relay-node; details=\"Malformed response header - space before colon\"")]
    [InlineData("", ProxyErrorType.None, "", "", "relay-node")]
    public void Format_Rfc9209Section21_HasThatShape(
        string? nextHop, ProxyErrorType error, string? rcode, string? details, string expected) =>
        Assert.Equal(expected, ProxyStatus.Format(nextHop, error, rcode, details));

    // RFC 9209 §2.3.2: rcode is an extra parameter of dns_error alone.
    [Fact]
    public void Format_RcodeOfAnotherError_IsLeftOut() =>
        Assert.Equal(
            "relay-node; error=dns_timeout", ProxyStatus.Format(error: ProxyErrorType.DnsTimeout, rcode: "NXDOMAIN"));

    // RFC 8941 §4.1.6: a backslash before a quote and a backslash; nothing but printable ASCII.
    [Theory]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData(" ~", " ~")]
    [InlineData("50%", "50%")]
    [InlineData("b\u00fccher", "b%C3%BCcher")]
    [InlineData("\U0001F310", "%F0%9F%8C%90")]
    [InlineData("a\r\nset-cookie: b", "a%0D%0Aset-cookie: b")]
    [InlineData("\0\t\u007f", "%00%09%7F")]
    public void Format_AwkwardText_IsAValidString(string text, string expected) =>
        Assert.Equal($"relay-node; details=\"{expected}\"", ProxyStatus.Format(details: text));

    [Fact]
    public void Format_HalfASurrogatePair_IsReplaced() =>
        Assert.Equal("relay-node; details=\"a%EF%BF%BDb\"", ProxyStatus.Format(details: "a\ud800b"));

    [Theory]
    [InlineData(ProxyErrorType.DnsError, "dns_error", 502)]
    [InlineData(ProxyErrorType.DnsTimeout, "dns_timeout", 504)]
    [InlineData(ProxyErrorType.DestinationIpProhibited, "destination_ip_prohibited", 403)]
    [InlineData(ProxyErrorType.DestinationIpUnroutable, "destination_ip_unroutable", 502)]
    [InlineData(ProxyErrorType.ConnectionRefused, "connection_refused", 502)]
    [InlineData(ProxyErrorType.ConnectionTimeout, "connection_timeout", 504)]
    [InlineData(ProxyErrorType.ConnectionLimitReached, "connection_limit_reached", 503)]
    [InlineData(ProxyErrorType.HttpRequestDenied, "http_request_denied", 403)]
    [InlineData(ProxyErrorType.ProxyLoopDetected, "proxy_loop_detected", 508)]
    [InlineData(ProxyErrorType.ProxyInternalError, "proxy_internal_error", 500)]
    [InlineData(ProxyErrorType.None, "", 200)]
    public void GetStatusCode_TypesOfTheSpecification_HaveTheirTokenAndStatus(
        ProxyErrorType error, string token, int status)
    {
        Assert.Equal(token, ProxyStatus.GetToken(error));
        Assert.Equal(status, ProxyStatus.GetStatusCode(error));
    }

    [Fact]
    public void GetToken_EveryType_IsItsNameInLowerCase()
    {
        foreach (var error in Enum.GetValues<ProxyErrorType>())
        {
            if (error == ProxyErrorType.None)
                continue;
            var words = string.Concat(
                error.ToString().Select(c => char.IsAsciiLetterUpper(c) ? $"_{c}" : c.ToString()));
            Assert.Equal(words.TrimStart('_').ToLowerInvariant(), ProxyStatus.GetToken(error));
            Assert.InRange(ProxyStatus.GetStatusCode(error), 400, 599);
        }
    }

    [Fact]
    public void GetToken_UndefinedType_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ProxyStatus.GetToken((ProxyErrorType)999));
        Assert.Throws<ArgumentOutOfRangeException>(() => ProxyStatus.GetStatusCode((ProxyErrorType)(-1)));
    }

    [Fact]
    public void TryFormat_EveryShorterDestination_IsFalse()
    {
        var expected = ProxyStatus.Format("192.0.2.1", ProxyErrorType.DnsError, "SERVFAIL");
        var buffer = new byte[expected.Length];
        for (var length = 0; length < expected.Length; length++)
        {
            Assert.False(ProxyStatus.TryFormat(
                buffer.AsSpan(0, length), out var none, "192.0.2.1", ProxyErrorType.DnsError, "SERVFAIL"));
            Assert.Equal(0, none);
        }

        Assert.True(ProxyStatus.TryFormat(buffer, out var written, "192.0.2.1", ProxyErrorType.DnsError, "SERVFAIL"));
        Assert.Equal(expected, Encoding.ASCII.GetString(buffer, 0, written));
    }

    [Fact]
    public void Format_LongDetails_AreWhole() =>
        Assert.Equal(
            $"relay-node; details=\"{new string('x', 5000)}\"", ProxyStatus.Format(details: new string('x', 5000)));

    [Fact]
    public void Format_AnyText_StaysWithinItsQuotes() =>
        Properties.Check(
            Gen.ArrayOf(Gen.OneOf(
                    Gen.Choose(0, 0x7F), Gen.Choose(0, 0xFFFF), Gen.Elements((int)'"', '\\', '\r', '\n', ';')))
                .Select(codes => string.Concat(codes.Select(code => (char)code))),
            text =>
            {
                var field = ProxyStatus.Format(details: text);
                if (text.Length == 0)
                    return;
                var inside = field["relay-node; details=\"".Length..^1];
                Assert.All(field, c => Assert.InRange(c, ' ', '~'));
                Assert.DoesNotContain('"', inside.Replace("\\\\", "", StringComparison.Ordinal)
                    .Replace("\\\"", "", StringComparison.Ordinal));
                Assert.EndsWith("\"", field, StringComparison.Ordinal);
            });
}
