using BenchmarkDotNet.Attributes;
using Relay.Protocol;

namespace Relay.Benchmarks.Packets;

/// <summary>DATAGRAM capsules on a stream (RFC 9297 §3.5), and what precedes a payload in a DATAGRAM frame.</summary>
public class CapsuleBenchmarks
{
    private const int Capsules = 16;
    private const int Payload = 1100;

    private readonly byte[] _head = new byte[Capsule.MaxHeaderLength + HttpDatagram.MaxPrefixLength];
    private readonly CapsuleReader _reader = new();
    private byte[] _stream = [];
    private byte[] _frame = [];

    [GlobalSetup]
    public void Setup()
    {
        var length = WriteHead();
        _stream = [.. Enumerable.Repeat((byte[])[.. _head[..length], .. new byte[Payload]], Capsules).SelectMany(static one => one)];
        _frame = [.. _head[..WritePrefix()], .. new byte[Payload]];
    }

    /// <summary>A capsule of many that arrived together.</summary>
    [Benchmark(OperationsPerInvoke = Capsules)]
    public int ReadWhole() => Read(_stream);

    /// <summary>A capsule of many of which the middle one was split, and so is collected.</summary>
    [Benchmark(OperationsPerInvoke = Capsules)]
    public int ReadSplit() => Read(_stream.AsSpan(0, _stream.Length / 2 - 100)) + Read(_stream.AsSpan(_stream.Length / 2 - 100));

    [Benchmark]
    public int WriteHead()
    {
        var written = Capsule.WriteHeader(_head, CapsuleType.Datagram, Payload + 1);
        _head[written] = (byte)HttpDatagram.UdpPayloadContextId;
        return written + 1;
    }

    [Benchmark]
    public int ReadPrefix()
    {
        _ = HttpDatagram.Read(_frame, out _, out var first);
        _ = HttpDatagram.ReadContextId(_frame.AsSpan(first), out _, out var second);
        return first + second;
    }

    [Benchmark]
    public int WritePrefix() => HttpDatagram.WritePrefix(_head, 400, HttpDatagram.UdpPayloadContextId);

    private int Read(ReadOnlySpan<byte> source)
    {
        var bytes = 0;
        while (_reader.Read(ref source, out var payload) == CapsuleReadResult.Datagram)
            bytes += payload.Length;
        return bytes;
    }
}
