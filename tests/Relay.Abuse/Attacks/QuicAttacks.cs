using System.Security.Cryptography;
using Relay.Abuse.Wire;
using Relay.Testing.Quic;

namespace Relay.Abuse.Attacks;

/// <summary>A download of which the first byte is never acknowledged, and all else is.</summary>
internal sealed class WithheldAcknowledgements() : Attack(
    "withheld-acks", "downloads whose first byte is never acknowledged, with windows of 16 MiB")
{
    private const int Window = 16 << 20;

    /// <summary>What is kept until it is acknowledged: 16 MiB, a block of 256 KiB, and what ngtcp2 knows of packets on their way.</summary>
    internal const int Unacknowledged = 24 * 1024;

    public override int Bound => Unacknowledged;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.Connect($"{assault.Targets.Source}");
        var parameters = PacketClient.Parameters with
        {
            InitialStreamWindow = Window,
            MaxStreamWindow = Window,
            InitialConnectionWindow = Window,
            MaxConnectionWindow = Window,
        };
        assault.OnEach(() => Begin(assault, request, parameters), peer =>
        {
            var before = peer.StreamBytes;
            peer.Pump(TimeSpan.FromMilliseconds(1));
            assault.Done += peer.StreamBytes - before;
            return !peer.IsOver;
        });
    }

    private static QuicPeer? Begin(Assault assault, byte[] request, Relay.Native.Quic.QuicParameters parameters)
    {
        if (assault.ConnectQuic(parameters) is not { } peer)
            return null;
        peer.Client.Withholds = static frame => frame.IsStream && frame.Numbers[0] % 4 == 0 && frame.Numbers[1] == 0;
        peer.SendStream(peer.NextStream(), request);
        return peer;
    }
}

/// <summary>A download that nothing is acknowledged of.</summary>
internal sealed class NoAcknowledgements() : Attack("no-acks", "downloads of which nothing is ever acknowledged")
{
    public override int Bound => WithheldAcknowledgements.Unacknowledged;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.Connect($"{assault.Targets.Source}");
        assault.OnEach(
            () =>
            {
                if (assault.ConnectQuic() is not { } peer)
                    return null;
                for (var i = 0; i < 16 && peer.HasCredit; i++, assault.Done++)
                    peer.SendStream(peer.NextStream(), request);
                peer.Client.Acknowledges = false;
                return peer;
            },
            static peer =>
            {
                peer.Pump(TimeSpan.FromMilliseconds(1));
                return !peer.IsOver;
            });
    }
}

/// <summary>Acknowledgements of what was never sent, to drive the congestion window up.</summary>
internal sealed class AcknowledgementsOfNothing() : Attack(
    "acks-of-nothing", "downloads with acknowledgements of packets that may never have been sent")
{
    public override int Bound => WithheldAcknowledgements.Unacknowledged;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.Connect($"{assault.Targets.Source}");
        assault.OnEach(
            () =>
            {
                var peer = assault.ConnectQuic();
                peer?.SendStream(peer.NextStream(), request);
                if (peer is not null)
                    peer.Client.Acknowledges = false;
                return peer;
            },
            peer =>
            {
                peer.Pump(TimeSpan.FromMilliseconds(1));
                var last = peer.Client.Largest + 10;
                peer.Client.Send(QuicFrames.Acknowledge(last > 200 ? last - 200 : 0, last));
                assault.Done++;
                return !peer.IsOver;
            });
    }
}

/// <summary>Bytes of streams with a byte missing in front of each, as far as windows go.</summary>
internal sealed class OutOfOrder() : Attack("out-of-order", "every eighth byte of 64 streams, as far as their windows go")
{
    private const int Streams = 64;
    private const ulong Window = 16 * 1024;

    /// <summary>Below what ngtcp2 ends a connection for: 5000 pieces of one stream.</summary>
    private const ulong Step = 8;

    /// <summary>What the libraries may hold of a connection.</summary>
    public override int Bound => 16 * 1024;

    public override void Run(Assault assault)
    {
        var offsets = new Dictionary<QuicPeer, (int Stream, ulong Offset)>();
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            var (stream, offset) = offsets.GetValueOrDefault(peer, (0, 1ul));
            for (var packets = 0; packets < 16 && stream < Streams; packets++)
            {
                var frames = new List<byte>();
                for (; frames.Count < 1100 && offset < Window; offset += Step, assault.Done++)
                    frames.AddRange(QuicFrames.Stream((ulong)stream * 4, offset, [0]));
                peer.Client.Send([.. frames]);
                if (offset >= Window)
                    (stream, offset) = (stream + 1, 1);
            }
            offsets[peer] = (stream, offset);
            peer.Pump(TimeSpan.FromMilliseconds(1));
            return !peer.IsOver;
        });
    }
}

/// <summary>CRYPTO frames after the handshake, with a gap.</summary>
internal sealed class CryptoGaps() : Attack("crypto-gaps", "CRYPTO frames with gaps after the handshake")
{
    public override void Run(Assault assault)
    {
        var data = new byte[1000];
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            peer.Client.Send(QuicFrames.CryptoAt((ulong)RandomNumberGenerator.GetInt32(1, 60_000), data));
            assault.Done++;
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}

/// <summary>First flights, and nothing after them.</summary>
internal sealed class UnfinishedHandshakes() : Attack("quic-handshakes", "QUIC handshakes that are begun and left, each from another port")
{
    /// <summary>A TLS session and an empty connection.</summary>
    public override int Bound => 256;

    /// <summary>Beyond so many each address has to be proven.</summary>
    public override int HeldOf(int connections) => 1024;

    public override void Run(Assault assault)
    {
        var left = new Queue<QuicPeer>();
        while (!assault.IsOver)
        {
            var peer = new QuicPeer(assault.Relay, Assault.From);
            // The client's first flight only: what comes back is left in its socket.
            peer.Client.Turn(Relay.Native.Linux.Clock.Now);
            assault.Done++;
            left.Enqueue(peer);
            if (left.Count > assault.MaxConnections * 10)
                left.Dequeue().Dispose();
        }
        while (left.TryDequeue(out var peer))
            peer.Dispose();
    }
}

/// <summary>What asks for Version Negotiation.</summary>
internal sealed class UnknownVersions() : Attack("quic-versions", "packets of 1200 bytes of versions that nobody has, each with other connection IDs")
{
    public override void Run(Assault assault)
    {
        using var peer = new QuicPeer(assault.Relay, Assault.From);
        var packet = new byte[1200];
        while (!assault.IsOver && !peer.IsOver)
        {
            RandomNumberGenerator.Fill(packet);
            // RFC 8999 §5.1: a long header, a version, and connection IDs of any length.
            packet[0] |= 0x80;
            (packet[1], packet[5], packet[6 + 20]) = (0x7a, 20, 20);
            peer.SendPacket(packet);
            assault.Done++;
            if (assault.Done % 64 == 0)
                peer.Drain();
        }
    }
}

/// <summary>PINGs and other frames that cost nothing to send, one a packet.</summary>
internal sealed class QuicPings() : Attack("quic-pings", "packets of one PING each, one after the other")
{
    public override void Run(Assault assault) => assault.OnEach(() => assault.ConnectQuic(), peer =>
    {
        for (var i = 0; i < 64; i++, assault.Done++)
            peer.Client.Send(QuicFrames.Of(QuicFrames.Ping));
        peer.Pump(TimeSpan.Zero);
        return !peer.IsOver;
    });
}

/// <summary>UDP payloads that are not QUIC, or nearly.</summary>
internal sealed class FuzzedPackets() : Attack("fuzzed-packets", "packets with bits turned, headers of all kinds, and noise")
{
    public override void Run(Assault assault)
    {
        var random = new Random(9000);
        var noise = new byte[1200];
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 16; i++, assault.Done++)
            {
                random.NextBytes(noise);
                var packet = random.Next(3) switch
                {
                    0 => peer.Client.Seal(QuicFrames.Of(QuicFrames.Ping, 0, 0, 0)),
                    1 => [(byte)(0xc0 | random.Next(64)), 0, 0, 0, (byte)random.Next(2), .. noise.AsSpan(0, random.Next(1195))],
                    _ => noise[..random.Next(1, 1200)],
                };
                packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
                peer.SendPacket(packet);
            }
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}

/// <summary>Frames of any type with any integers, in packets that are authentic.</summary>
internal sealed class FuzzedFrames() : Attack("fuzzed-frames", "authentic packets of random frames, a connection after the other")
{
    public override void Run(Assault assault)
    {
        var random = new Random(9001);
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 4; i++, assault.Done++)
            {
                byte[] tail = [.. QuicFrames.Of(
                    (ulong)random.Next(0x32), (ulong)random.Next(64), (ulong)random.NextInt64(1L << random.Next(1, 60)), (ulong)random.Next(40))];
                byte[] frames = random.Next(4) == 0 ? tail
                    : [.. QuicFrames.Stream((ulong)random.Next(20) * 4, (ulong)random.Next(2000), tail), 0x01];
                peer.Client.Send(frames);
            }
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}

/// <summary>Downloads by a client whose windows are never opened again.</summary>
internal sealed class ClosedWindows() : Attack("h3-windows", "downloads over HTTP/3 whose windows are never opened again")
{
    public override int Bound => WithheldAcknowledgements.Unacknowledged;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.Connect($"{assault.Targets.Source}");
        assault.OnEach(
            () =>
            {
                var peer = assault.ConnectQuic();
                for (var i = 0; peer is not null && i < 64 && peer.HasCredit; i++, assault.Done++)
                    peer.SendStream(peer.NextStream(), request);
                return peer;
            },
            static peer =>
            {
                peer.Pump(TimeSpan.FromMilliseconds(1));
                return !peer.IsOver;
            });
    }
}
