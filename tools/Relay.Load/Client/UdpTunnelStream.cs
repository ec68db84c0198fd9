using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>
/// A tunnel for UDP (RFC 9298). Payloads are pulled from the derived class when a packet has room for one, as a short
/// head, written in place, and a body that is not copied.
/// </summary>
internal abstract class UdpTunnelStream : TunnelStream
{
    /// <summary>The longest head that a derived class writes, in bytes.</summary>
    protected const int MaxHead = 32;

    private const int MaxCapsuleOverhead = Capsule.MaxHeaderLength + 1;

    private readonly byte[] _prefix = new byte[HttpDatagram.MaxPrefixLength + MaxHead];
    private int _prefixLength;
    private readonly CapsuleReader _capsules = new();
    private readonly Carrier _carrier;
    private readonly bool _optimistic;
    private bool _submitted;
    private bool _finished;

    protected UdpTunnelStream(ClientConnection connection) : base(connection)
    {
        // QUIC alone has datagrams.
        _carrier = connection.Protocol == HttpProtocol.Http3 ? connection.Loop.Config.Carrier : Carrier.Capsule;
        _optimistic = connection.Loop.Config.Optimistic;
    }

    /// <summary>What carries its payloads.</summary>
    protected Carrier PayloadCarrier => _carrier;

    public bool SenderQueued { get; set; }

    protected bool MaySend => (IsOpen || (_optimistic && _submitted)) && !_finished && !IsClosed;

    /// <summary>The next payload for this carrier; asked again until <see cref="Advance"/>.</summary>
    /// <param name="carrier">Datagram or capsule.</param>
    /// <param name="head">For the payload's first bytes, at most <see cref="MaxHead"/>.</param>
    /// <param name="headLength">How many of them were written.</param>
    /// <param name="body">The rest of the payload.</param>
    protected abstract bool TryPeek(Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body);

    /// <summary>Says what became of the payload.</summary>
    public abstract void Advance(Carrier carrier, DatagramFate fate);

    /// <summary>A UDP payload arrived.</summary>
    protected abstract void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier);

    /// <summary>The largest payload that <see cref="TryPeek"/> gives, in bytes.</summary>
    protected abstract int MaxPayload { get; }

    public override int NeededRoom => Math.Min(BlockPool.BlockSize, MaxPayload + MaxCapsuleOverhead);

    /// <summary>There are payloads to pull.</summary>
    public void QueueSend()
    {
        if (!MaySend)
            return;
        if (_carrier != Carrier.Capsule)
            Client.QueueSender(this);
        if (_carrier != Carrier.Datagram)
            Client.QueueResume(this);
    }

    /// <summary>Ends the tunnel from this side.</summary>
    public void Finish()
    {
        _finished = true;
        Client.QueueResume(this);
    }

    internal override void Attach(ITunnelLink link)
    {
        base.Attach(link);
        if (link is Http3Request request)
            _prefixLength = HttpDatagram.WritePrefix(_prefix, request.Id, HttpDatagram.UdpPayloadContextId);
    }

    public bool TryPeekDatagram(out ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> payload)
    {
        prefix = payload = default;
        if (!MaySend || !TryPeek(Carrier.Datagram, _prefix.AsSpan(_prefixLength), out var head, out payload))
            return false;
        prefix = _prefix.AsSpan(0, _prefixLength + head);
        return true;
    }

    public void OnHttpDatagram(ReadOnlySpan<byte> datagram, Carrier carrier)
    {
        // RFC 9298 §4: datagrams with an unknown context ID are dropped.
        if (HttpDatagram.ReadContextId(datagram, out var context, out var consumed)
            && context == HttpDatagram.UdpPayloadContextId)
            OnPayload(datagram[consumed..], carrier);
    }

    protected override void OnOpened() => QueueSend();

    protected override int PullBody(Span<byte> destination)
    {
        if (_finished)
            return EndOfBody;
        if (!_submitted)
            OnSubmitted();
        if (_carrier == Carrier.Datagram || !MaySend)
            return 0;
        var written = 0;
        Span<byte> head = stackalloc byte[MaxHead];
        while (destination.Length - written >= NeededRoom
            && TryPeek(Carrier.Capsule, head, out var headLength, out var body))
        {
            var target = destination[written..];
            var at = Capsule.WriteHeader(target, CapsuleType.Datagram, (ulong)(1 + headLength + body.Length));
            target[at++] = (byte)HttpDatagram.UdpPayloadContextId;
            head[..headLength].CopyTo(target[at..]);
            body.CopyTo(target[(at + headLength)..]);
            written += at + headLength + body.Length;
            Advance(Carrier.Capsule, DatagramFate.Sent);
        }
        return written;
    }

    /// <summary>
    /// The body is asked for, so the request is in a packet: datagrams of this turn would still overtake it, since they
    /// are written before streams.
    /// </summary>
    private void OnSubmitted()
    {
        _submitted = true;
        if (_optimistic)
            QueueSend();
    }

    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        var length = data.Length;
        while (true)
        {
            var result = _capsules.Read(ref data, out var payload);
            if (result == CapsuleReadResult.NeedMore)
                break;
            if (result == CapsuleReadResult.PayloadTooLarge)
            {
                Abort(TunnelAbort.DatagramError);
                break;
            }
            OnHttpDatagram(payload, Carrier.Capsule);
        }
        Consume(length);
    }

    protected override void OnEndOfStream()
    {
        // The tunnel ends in both directions.
        Finish();
    }
}
