using System.Text;

namespace Relay.Protocol.Tests;

public class RequestHeadersTests
{
    [Fact]
    public void Add_KnownFields_AreKept()
    {
        var headers = Collect(
            ":method=CONNECT", ":scheme=https", ":authority=relay.example", ":path=/p", ":protocol=connect-udp",
            "user-agent=x", "capsule-protocol=?1", "content-length=1", "content-type=a/b",
            "proxy-authorization=Basic YQ==", "authorization=Bearer b");

        Assert.Equal(RequestFault.None, headers.Fault);
        Assert.Equal("CONNECT", Text(headers, RequestField.Method));
        Assert.Equal("https", Text(headers, RequestField.Scheme));
        Assert.Equal("relay.example", Text(headers, RequestField.Authority));
        Assert.Equal("/p", Text(headers, RequestField.Path));
        Assert.Equal("connect-udp", Text(headers, RequestField.Protocol));
        Assert.Equal("?1", Text(headers, RequestField.CapsuleProtocol));
        Assert.Equal("1", Text(headers, RequestField.ContentLength));
        Assert.Equal("a/b", Text(headers, RequestField.ContentType));
        Assert.Equal("Basic YQ==", Text(headers, RequestField.ProxyAuthorization));
        Assert.Equal("Bearer b", Text(headers, RequestField.Authorization));
    }

    [Fact]
    public void Indexer_AbsentAndEmptyFields_DifferInContains()
    {
        var headers = Collect(":path=");

        Assert.True(headers.Contains(RequestField.Path));
        Assert.True(headers[RequestField.Path].IsEmpty);
        Assert.False(headers.Contains(RequestField.Scheme));
        Assert.True(headers[RequestField.Scheme].IsEmpty);
    }

    // RFC 9114 §4.2.2: name, value and 32 bytes for each field.
    [Theory]
    [InlineData(42, RequestFault.None)]
    [InlineData(41, RequestFault.HeadersTooLarge)]
    public void Add_AtTheLimit_CountsNameValueAndOverhead(int limit, RequestFault expected)
    {
        var headers = new RequestHeaders(limit);
        headers.Add("name"u8, "valued"u8);

        Assert.Equal(42, headers.Size);
        Assert.Equal(expected, headers.Fault);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3)]
    public void Add_FieldsBesidePseudoHeaders_AreCounted(int most)
    {
        var headers = most == RequestHeaders.DefaultMaxFields ? new RequestHeaders(16384) : new RequestHeaders(16384, most);
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":authority"u8, "a.test:1"u8);
        for (var i = 0; i < most; i++)
            headers.Add("x"u8, ""u8);
        Assert.Equal(RequestFault.None, headers.Fault);
        headers.Add("x"u8, ""u8);
        Assert.Equal(RequestFault.HeadersTooLarge, headers.Fault);
        headers.Reset();
        headers.Add("x"u8, ""u8);
        Assert.Equal(RequestFault.None, headers.Fault);
    }

    [Fact]
    public void Add_HeaderBomb_KeepsNothingMore()
    {
        var headers = new RequestHeaders(16384);
        var value = new byte[10_000];
        Array.Fill(value, (byte)'a');
        headers.Add(":method"u8, "CONNECT"u8);
        for (var i = 0; i < 1000; i++)
            headers.Add("cookie"u8, value);
        headers.Add("authorization"u8, "Basic YQ=="u8);

        Assert.Equal(RequestFault.HeadersTooLarge, headers.Fault);
        Assert.True(headers.Size > 10_000_000);
        Assert.False(headers.Contains(RequestField.Authorization));
    }

    [Fact]
    public void Fault_SeveralFaults_IsTheFirst()
    {
        var headers = Collect("Upper=1", ":unknown=2");

        Assert.Equal(RequestFault.MalformedField, headers.Fault);
    }

    [Fact]
    public void Reset_AfterAFault_IsAsNew()
    {
        var headers = Collect("a=b", ":method=GET");
        Assert.Equal(RequestFault.MisplacedPseudoHeader, headers.Fault);

        headers.Reset();

        Assert.Equal((RequestFault.None, 0L), (headers.Fault, headers.Size));
        headers.Add(":method"u8, "CONNECT"u8);
        Assert.Equal(RequestFault.None, headers.Fault);
        Assert.Equal("CONNECT", Text(headers, RequestField.Method));
        Assert.False(headers.Contains(RequestField.Authority));
    }

    [Fact]
    public void Reset_WithCredentials_OverwritesThem()
    {
        var headers = Collect("proxy-authorization=Basic secret");
        var value = headers[RequestField.ProxyAuthorization];

        headers.Reset();

        Assert.Equal(-1, value.IndexOfAnyExcept((byte)0));
    }

    // RFC 9297 §3.4: a Boolean, parameters ignored; anything else, or a list, as if absent.
    [Theory]
    [InlineData(true, "?1")]
    [InlineData(true, " ?1 ")]
    [InlineData(true, "?1;a=b")]
    [InlineData(false, "?0")]
    [InlineData(false, "1")]
    [InlineData(false, "?1x")]
    [InlineData(false, "?1, ?1")]
    [InlineData(false, "")]
    [InlineData(false, "?1", "?1")]
    [InlineData(false)]
    public void HasCapsuleProtocol_Values_AreBooleansOrAbsent(bool expected, params string[] values)
    {
        var headers = Collect([.. values.Select(value => $"capsule-protocol={value}")]);

        Assert.Equal(RequestFault.None, headers.Fault);
        Assert.Equal(expected, headers.HasCapsuleProtocol);
    }

    [Fact]
    public void Add_OnceWarm_AllocatesNothing()
    {
        var headers = new RequestHeaders(4096);
        Fill(headers);

        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++)
                Fill(headers);
        }));
    }

    private static void Fill(RequestHeaders headers)
    {
        headers.Reset();
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":authority"u8, "example.com:443"u8);
        headers.Add("proxy-authorization"u8, "Basic YWxhZGRpbjpvcGVuc2VzYW1l"u8);
        headers.Add("user-agent"u8, "anything"u8);
    }

    internal static RequestHeaders Collect(params string[] fields)
    {
        var headers = new RequestHeaders(16384);
        foreach (var field in fields)
        {
            var separator = field.IndexOf('=', 1);
            headers.Add(
                Encoding.Latin1.GetBytes(field[..separator]), Encoding.Latin1.GetBytes(field[(separator + 1)..]));
        }

        return headers;
    }

    private static string Text(RequestHeaders headers, RequestField field) => Encoding.Latin1.GetString(headers[field]);
}
