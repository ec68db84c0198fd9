using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Native.Quic;

namespace Relay.Load.Workloads;

/// <summary>One flow of echoes: a window for each carrier in use.</summary>
internal sealed class EchoTunnel : UdpTunnelStream
{
    private const uint CapsuleFlag = 1u << 31;

    private readonly EchoWorkload _run;
    private readonly uint _flow;
    private readonly EchoWindow? _datagrams;
    private readonly EchoWindow? _capsules;

    public EchoTunnel(EchoWorkload run, ClientConnection connection, int flow) : base(connection)
    {
        _run = run;
        _flow = (uint)flow;
        var window = run.Echo.Window;
        switch (PayloadCarrier)
        {
            case Carrier.Datagram:
                _datagrams = new EchoWindow(window);
                break;
            case Carrier.Capsule:
                _capsules = new EchoWindow(window);
                break;
            default:
                _datagrams = new EchoWindow((window + 1) / 2);
                _capsules = new EchoWindow(Math.Max(1, window / 2));
                break;
        }
    }

    public int Outstanding => (_datagrams?.Outstanding ?? 0) + (_capsules?.Outstanding ?? 0);

    protected override int MaxPayload => _run.Options.Size;

    public int Expire(ulong now, ulong timeout)
    {
        var lost = (_datagrams?.Expire(now, timeout) ?? 0) + (_capsules?.Expire(now, timeout) ?? 0);
        if (lost > 0)
            QueueSend();
        return lost;
    }

    protected override bool TryPeek(
        Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body)
    {
        headLength = 0;
        body = default;
        if (!_run.MaySend || !WindowOf(carrier).TryPeek(out var slot, out var sequence))
            return false;
        var mark = carrier == Carrier.Capsule ? CapsuleFlag : 0;
        new PayloadHeader(sequence, _flow, (uint)slot | mark).Write(head);
        headLength = PayloadHeader.Size;
        body = BytePattern.Body(sequence, _run.Options.Size - PayloadHeader.Size);
        return true;
    }

    public override void Advance(Carrier carrier, DatagramFate fate)
    {
        WindowOf(carrier).RecordSent(Client.Loop.Now);
        _run.OnSent(this, carrier, fate);
    }

    protected override void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier)
    {
        var now = Client.Loop.Now;
        ulong latency = 0;
        var outcome = EchoOutcome.Unknown;
        if (PayloadHeader.TryRead(payload, out var header) && header.Flow == _flow
            && header.BodyMatches(payload, _run.Options.Size))
        {
            var window = (header.Slot & CapsuleFlag) != 0 ? _capsules : _datagrams;
            outcome = window?.Receive(header.Slot & ~CapsuleFlag, header.Sequence, now, out latency) ?? outcome;
        }
        _run.OnEcho(outcome, latency, carrier);
        if (outcome == EchoOutcome.Answered && _run.MaySend)
            QueueSend();
    }

    private EchoWindow WindowOf(Carrier carrier) => (carrier == Carrier.Capsule ? _capsules : _datagrams)!;
}
