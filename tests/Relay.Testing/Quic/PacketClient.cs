using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;

namespace Relay.Testing.Quic;

/// <summary>
/// A QUIC client that writes its own packets: ngtcp2 does the handshake, and from then on frames, packet numbers and
/// acknowledgements are what its owner says, right or wrong. Nothing is retransmitted. It touches neither sockets nor
/// clocks.
/// </summary>
public sealed class PacketClient : IDisposable
{
    /// <summary>The length of its connection IDs.</summary>
    public const int IdLength = 8;

    /// <summary>Above all that ngtcp2 used for the handshake: numbers may be left out (RFC 9000 §12.3).</summary>
    private const ulong FirstNumber = 1000;

    private readonly HandshakeClient _handshake;
    private readonly Action<byte[]> _send;
    private readonly List<ulong> _unacknowledged = [];
    private PacketKeys? _ours;
    private PacketKeys? _theirs;
    private byte[] _destination = [];
    private byte[] _source = [];
    private bool _hasHandshakeKeys;

    /// <param name="tls">What to trust; GnuTLS's.</param>
    /// <param name="serverName">The name that the server's certificate must have.</param>
    /// <param name="local">Its address.</param>
    /// <param name="remote">The server's.</param>
    /// <param name="send">Takes packets.</param>
    /// <param name="now">The clock, in nanoseconds.</param>
    /// <param name="parameters">What it announces; null for what is usual.</param>
    public PacketClient(
        TlsContext tls, string serverName, in SocketEndpoint local, in SocketEndpoint remote, Action<byte[]> send, ulong now,
        QuicParameters? parameters = null)
    {
        _send = send;
        _handshake = new HandshakeClient(tls, serverName, parameters ?? Parameters, in local, in remote, Forward, now);
    }

    /// <summary>What is usual.</summary>
    public static QuicParameters Parameters => new() { StaticSecret = RandomNumberGenerator.GetBytes(32) };

    /// <summary>Whether packets are its owner's.</summary>
    public bool IsReady => _ours is not null;

    /// <summary>Whether the handshake failed.</summary>
    public bool HasFailed => !IsReady && _handshake.State is not (QuicState.Handshaking or QuicState.Open);

    /// <summary>When it wants a turn by itself; never once it is ready.</summary>
    public ulong Expiry => IsReady || HasFailed ? ulong.MaxValue : _handshake.Expiry;

    /// <summary>What closed the connection; null as long as nothing did.</summary>
    public ReceivedFrame? Close { get; private set; }

    /// <summary>The number of the next packet; may be set.</summary>
    public ulong NextNumber { get; set; } = FirstNumber;

    /// <summary>The largest number of the server's packets.</summary>
    public ulong Largest { get; private set; }

    /// <summary>How many bidirectional streams the server allows in all.</summary>
    public ulong MaxStreams { get; private set; }

    /// <summary>Which packets are never acknowledged, by a frame of theirs; null for none.</summary>
    public Predicate<ReceivedFrame>? Withholds { get; set; }

    /// <summary>Packets of the server that were opened.</summary>
    public long Received { get; private set; }

    /// <summary>Whether what came is acknowledged by <see cref="Turn"/>.</summary>
    public bool Acknowledges { get; set; } = true;

    /// <summary>
    /// Called once there are keys of Handshake packets, before anything is said with them: what <see cref="SendHandshake"/> sends then is
    /// the first of them.
    /// </summary>
    public Action OnHandshakeKeys { get; set; } = static () => { };

    /// <summary>Takes each frame of the server.</summary>
    public Action<ReceivedFrame> OnFrame { get; set; } = static _ => { };

    /// <summary>Takes a datagram of the server.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, ulong now)
    {
        if (datagram.IsEmpty)
            return;
        if (!IsReady)
        {
            NoteDestination(datagram);
            _handshake.Receive(datagram, now);
            if (_hasHandshakeKeys || _handshake.HandshakeSecret is null)
                return;
            _hasHandshakeKeys = true;
            OnHandshakeKeys();
        }
        else if (_theirs!.TryOpen(datagram, IdLength, Largest, out var number, out var payload))
        {
            Received++;
            Largest = Math.Max(Largest, number);
            Take(number, payload);
        }
    }

    /// <summary>Goes on with the handshake; afterwards acknowledges what came, where it is to.</summary>
    public void Turn(ulong now)
    {
        if (IsReady)
        {
            if (Acknowledges && _unacknowledged.Count > 0)
                AcknowledgeAll();
            return;
        }
        if (HasFailed)
            return;
        _handshake.Write(now);
        if (_handshake is { State: QuicState.Open, ClientSecret: { } ours, ServerSecret: { } theirs })
        {
            (_ours, _theirs) = (new PacketKeys(ours), new PacketKeys(theirs));
            MaxStreams = Math.Max(MaxStreams, _handshake.BidirectionalStreams);
        }
    }

    /// <summary>Sends one packet.</summary>
    /// <param name="frames">What is in it.</param>
    /// <param name="flags">Bits of the first byte to set beside those that it has.</param>
    public void Send(ReadOnlySpan<byte> frames, byte flags = 0) => _send(Seal(frames, flags));

    /// <summary>Sends one Handshake packet.</summary>
    /// <param name="frames">What is in it.</param>
    /// <param name="flags">Bits of the first byte to set beside those that it has.</param>
    public void SendHandshake(ReadOnlySpan<byte> frames, byte flags = 0)
    {
        using var keys = new PacketKeys(
            _handshake.HandshakeSecret ?? throw new InvalidOperationException("There are no keys of the handshake yet."));
        _send(keys.SealHandshake(_destination, _source, NextNumber++, frames, flags));
    }

    /// <summary>Makes one packet, for its owner to send.</summary>
    public byte[] Seal(ReadOnlySpan<byte> frames, byte flags = 0) =>
        (_ours ?? throw new InvalidOperationException("The handshake is not done.")).Seal(_destination, NextNumber++, frames, flags);

    /// <summary>Acknowledges what came and was not acknowledged, range by range.</summary>
    public void AcknowledgeAll()
    {
        _unacknowledged.Sort();
        for (var i = 0; i < _unacknowledged.Count;)
        {
            var first = _unacknowledged[i];
            var last = first;
            while (i < _unacknowledged.Count && _unacknowledged[i] <= last + 1)
                last = _unacknowledged[i++];
            Send(QuicFrames.Acknowledge(first, last));
        }
        _unacknowledged.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _handshake.Dispose();
        _ours?.Dispose();
        _theirs?.Dispose();
    }

    private void Forward(byte[] packet)
    {
        if ((packet[0] & 0x80) != 0)
            _source = IdAfter(packet, 6 + packet[5]);
        _send(packet);
    }

    private static byte[] IdAfter(ReadOnlySpan<byte> packet, int at) => packet.Slice(at + 1, packet[at]).ToArray();

    /// <summary>The server's own connection ID is in its packets with a long header (RFC 9000 §7.2).</summary>
    private void NoteDestination(ReadOnlySpan<byte> packet)
    {
        if ((packet[0] & 0x80) == 0 || packet.Length < 7)
            return;
        _destination = IdAfter(packet, 6 + packet[5]);
    }

    private void Take(ulong number, byte[] payload)
    {
        var (elicits, withheld) = (false, false);
        foreach (var frame in ReceivedFrame.ReadAll(payload))
        {
            elicits |= frame.IsEliciting;
            withheld |= Withholds?.Invoke(frame) == true;
            if (frame.Type == QuicFrames.MaxBidirectionalStreams)
                MaxStreams = Math.Max(MaxStreams, frame.Numbers[0]);
            if (frame.IsClose)
                Close = frame;
            OnFrame(frame);
        }
        if (elicits && !withheld)
            _unacknowledged.Add(number);
    }
}
