using Relay.Protocol;
using Relay.Testing.Quic;

namespace Relay.Abuse.Attacks;

/// <summary>Bytes for a target that takes none, as far as windows go.</summary>
internal sealed class Http3Uploads() : Attack("h3-uploads", "uploads over HTTP/3 to a target that takes nothing, 16 on each connection")
{
    private const int Streams = 16;
    private const int Piece = 1000;

    /// <summary>Less than the window of a stream that is answered.</summary>
    private const ulong OfStream = 250_000;

    /// <summary>Its window, of which nothing is taken, and what any may have.</summary>
    public override int Bound => 8 * 1024;

    public override void Run(Assault assault)
    {
        // And a DATA frame of a million bytes.
        byte[] request = [.. Http3Bytes.Connect($"{assault.Targets.Holder}"), .. QuicFrames.Of(0, 1_000_000)];
        var piece = new byte[Piece];
        assault.OnEach(
            () =>
            {
                var peer = assault.ConnectQuic();
                for (var i = 0; peer is not null && i < Streams && peer.HasCredit; i++)
                    peer.SendStream(peer.NextStream(), request);
                return peer;
            },
            peer =>
            {
                foreach (var stream in peer.Answered)
                {
                    for (var i = 0; i < 16 && stream % 4 == 0 && peer.SentOn(stream) < OfStream; i++, assault.Done += Piece)
                        peer.SendStream(stream, piece);
                }
                peer.Pump(TimeSpan.FromMilliseconds(1));
                return !peer.IsOver;
            });
    }
}

/// <summary>Capsules of which the last byte does not come.</summary>
internal sealed class HalfCapsules() : Attack("h3-capsules", "DATAGRAM capsules of 60 000 bytes that end after 15 000, on as many UDP tunnels as there may be")
{
    private const int Announced = 60_000;

    /// <summary>Before its answer a stream has a window of 16 KiB.</summary>
    private const int Sent = 15_000;
    private const int Piece = 1000;

    /// <summary>Capsules in part, 8 MiB, beside their tunnels.</summary>
    public override int Bound => ManyRequests + (8 * 1024);

    public override void Run(Assault assault)
    {
        byte[] request =
        [
            .. Http3Bytes.ConnectUdp("127.0.0.1", assault.Targets.Silent.Port), .. QuicFrames.Of(0, Announced, CapsuleType.Datagram, Announced),
        ];
        var piece = new byte[Piece];
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            if (peer.HasCredit)
            {
                var stream = peer.NextStream();
                peer.SendStream(stream, request);
                for (var sent = 0; sent < Sent; sent += Piece)
                    peer.SendStream(stream, piece);
                assault.Done++;
            }
            peer.Pump(TimeSpan.FromMilliseconds(1));
            return !peer.IsOver;
        });
    }
}

/// <summary>Header sections that never end.</summary>
internal sealed class HalfSections() : Attack("h3-heads", "header sections over HTTP/3 that never end, on as many streams as there is credit for")
{
    public override void Run(Assault assault)
    {
        byte[] half = [.. QuicFrames.Of(1, 15_000), 0, 0, .. new byte[500]];
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 16 && peer.HasCredit; i++, assault.Done++)
                peer.SendStream(peer.NextStream(), half);
            peer.Pump(TimeSpan.FromMilliseconds(1));
            return !peer.IsOver;
        });
    }
}

/// <summary>References of a byte to fields of many.</summary>
internal sealed class FieldBombs() : Attack("h3-bombs", "header sections over HTTP/3 of 8000 references of one byte each to a field")
{
    private const int References = 8000;

    public override void Run(Assault assault)
    {
        // RFC 9204, appendix A: 46 is content-type: application/json.
        byte[] section = [0, 0, .. Enumerable.Repeat((byte)(0xc0 | 46), References)];
        byte[] bomb = [.. QuicFrames.Of(1, (ulong)section.Length), .. section];
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            if (peer.HasCredit)
            {
                var stream = peer.NextStream();
                foreach (var piece in bomb.Chunk(1000))
                    peer.SendStream(stream, piece);
                assault.Done++;
            }
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}
