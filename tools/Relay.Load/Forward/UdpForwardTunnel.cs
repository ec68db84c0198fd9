using Relay.Load.Client;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>Whoever a forwarded UDP tunnel belongs to.</summary>
internal interface IUdpForwarder
{
    void OnPayload(UdpForwardTunnel tunnel, ReadOnlySpan<byte> payload);

    void OnTooLarge(UdpForwardTunnel tunnel, int length);
}

/// <summary>A tunnel whose payloads come from a queue.</summary>
internal sealed class UdpForwardTunnel(ClientConnection connection, IUdpForwarder owner, DatagramQueue queue)
    : UdpTunnelStream(connection)
{
    /// <summary>The clock when something last passed.</summary>
    public ulong LastUse { get; private set; } = connection.Loop.Now;

    protected override int MaxPayload => HttpDatagram.MaxUdpPayload;

    /// <summary>Queues a payload; false when too many wait already.</summary>
    public bool TrySend(ReadOnlySpan<byte> payload)
    {
        LastUse = Client.Loop.Now;
        if (!queue.TryEnqueue(payload))
            return false;
        QueueSend();
        return true;
    }

    protected override bool TryPeek(
        Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body)
    {
        headLength = 0;
        body = queue.Count > 0 ? queue.Peek() : default;
        return queue.Count > 0;
    }

    public override void Advance(Carrier carrier, DatagramFate fate)
    {
        if (fate == DatagramFate.TooLarge)
            owner.OnTooLarge(this, queue.Peek().Length);
        queue.Dequeue();
    }

    protected override void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier)
    {
        LastUse = Client.Loop.Now;
        owner.OnPayload(this, payload);
    }

    protected override void OnClosed(ulong errorCode)
    {
        queue.Clear();
        base.OnClosed(errorCode);
    }
}
