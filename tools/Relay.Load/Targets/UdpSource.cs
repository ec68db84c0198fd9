using System.Net;
using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Floods whoever asks for it, with <see cref="FloodRequest"/>.</summary>
internal sealed class UdpSource : UdpTarget, IActiveTarget
{
    private const int Burst = 64;
    private const ulong PacedInterval = 500_000;

    private readonly Dictionary<SocketEndpoint, Flow> _flows = [];
    private readonly List<Flow> _order = [];
    private long _datagrams;
    private uint _nextFlow;

    public UdpSource(TargetLoop loop, IPEndPoint local) : base(loop, local) => loop.AddActive(this);

    private sealed class Flow(SocketEndpoint client, uint number)
    {
        internal readonly SocketEndpoint Client = client;
        internal readonly uint Number = number;
        internal FloodRequest Request;
        internal ulong HeardAt;
        internal ulong PacedFrom;
        internal long Paced;
        internal ulong Sequence;
    }

    /// <summary>Datagrams that the kernel took.</summary>
    public long Datagrams => Volatile.Read(ref _datagrams);

    public ulong Act(ulong now)
    {
        var next = ulong.MaxValue;
        for (var i = _order.Count - 1; i >= 0; i--)
        {
            var flow = _order[i];
            if (flow.Request.Size == 0 || now - flow.HeardAt > FloodRequest.Life)
            {
                _flows.Remove(flow.Client);
                _order.RemoveAt(i);
                continue;
            }
            if (IsBlocked)
                continue;
            if (flow.Request.Rate == 0)
            {
                Send(flow, Burst);
                next = now;
                continue;
            }
            var due = (long)((now - flow.PacedFrom) / 1e9 * flow.Request.Rate) - flow.Paced;
            flow.Paced += due;
            Send(flow, (int)Math.Min(due, 4 * Burst));
            next = Math.Min(next, now + PacedInterval);
        }
        Volatile.Write(ref _datagrams, Sending.PacketsSent);
        return next;
    }

    protected override void OnDatagrams(DatagramBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            if (!FloodRequest.TryRead(batch[i], out var request))
                continue;
            ref readonly var client = ref batch.Remote(i);
            if (!_flows.TryGetValue(client, out var flow))
            {
                flow = new Flow(client, _nextFlow++) { PacedFrom = Loop.Now };
                _flows.Add(client, flow);
                _order.Add(flow);
            }
            flow.Request = request;
            flow.HeardAt = Loop.Now;
        }
    }

    private void Send(Flow flow, int count)
    {
        var size = Math.Max(PayloadHeader.Size, flow.Request.Size);
        for (var i = 0; i < count; i++)
        {
            var room = Sending.Reserve(size);
            if (room.IsEmpty)
            {
                if (!Flush())
                    break;
                continue;
            }
            var header = new PayloadHeader(++flow.Sequence, flow.Number, 0);
            header.Write(room);
            BytePattern.Body(header.Sequence, size - PayloadHeader.Size).CopyTo(room[PayloadHeader.Size..]);
            Sending.Commit(size, in flow.Client, in Socket.Local, 0);
        }
        Sending.CloseRun();
        Flush();
    }
}
