using BenchmarkDotNet.Attributes;
using Relay.Protocol;

namespace Relay.Benchmarks.Requests;

/// <summary>
/// What a tunnel's request costs before anything is done for it. The fields of HTTP/2 and HTTP/3 are decoded by nghttp2 and
/// nghttp3, which is not in here.
/// </summary>
public class RequestBenchmarks
{
    private readonly Http1RequestReader _reader = new(16384, RequestHeaders.DefaultMaxFields);
    private readonly RequestHeaders _headers = new(16384);

    private static ReadOnlySpan<byte> Path => "/.well-known/masque/udp/target.example.org/443/"u8;

    private static ReadOnlySpan<byte> Upgrade =>
        "GET /.well-known/masque/udp/target.example.org/443/ HTTP/1.1\r\nHost: relay.example.org\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\nProxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\nUser-Agent: client/1.0\r\n\r\n"u8;

    /// <summary>The head of HTTP/1.1, its fields in the terms of HTTP/3, and the tunnel that it asks for.</summary>
    [Benchmark]
    public ConnectDecision OfHttp1()
    {
        _ = _reader.Read(Upgrade, out _);
        _ = Http1Request.Translate(_reader, _headers);
        var decision = ConnectRequest.Evaluate(_headers);
        _reader.Release();
        _headers.Reset();
        return decision;
    }

    /// <summary>Decoded fields of HTTP/3, and the tunnel that they ask for.</summary>
    [Benchmark]
    public ConnectDecision OfHttp3()
    {
        _headers.Add(":method"u8, "CONNECT"u8);
        _headers.Add(":protocol"u8, "connect-udp"u8);
        _headers.Add(":scheme"u8, "https"u8);
        _headers.Add(":authority"u8, "relay.example.org"u8);
        _headers.Add(":path"u8, Path);
        _headers.Add("capsule-protocol"u8, "?1"u8);
        _headers.Add("proxy-authorization"u8, "Basic dXNlcjpwYXNzd29yZA=="u8);
        _headers.Add("user-agent"u8, "client/1.0"u8);
        var decision = ConnectRequest.Evaluate(_headers);
        _headers.Reset();
        return decision;
    }

    /// <summary>The target out of the path of a UDP tunnel. Its host is text: what is allocated is that.</summary>
    [Benchmark]
    public bool Template() => ConnectUdpTemplate.Default.TryParsePath(Path, out _);

    [Benchmark]
    public bool TemplateOfIPv6() =>
        ConnectUdpTemplate.Default.TryParsePath("/.well-known/masque/udp/2001%3Adb8%3A%3A1/443/"u8, out _);

    /// <summary>The target of a TCP tunnel.</summary>
    [Benchmark]
    public bool Authority() => TargetAuthority.TryParse("target.example.org:443"u8, out _);
}
