using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;

namespace Relay.Node.Fleet;

/// <summary>
/// Which session's tunnel had which egress address and port: those that are open, and as many of those that ended as
/// the ring holds, the oldest forgotten first. Not thread-safe.
/// </summary>
/// <param name="capacity">Ended flows that are kept.</param>
internal sealed class FlowTable(int capacity = 65_536)
{
    /// <summary>By how much the clock of whoever asks may differ from the node's.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    private readonly Dictionary<IPEndPoint, Flow> _flows = [];
    private readonly Queue<Flow> _ended = new();

    /// <summary>Flows that are open or kept.</summary>
    public int Count { get; private set; }

    /// <summary>A tunnel has its socket.</summary>
    public void Open(Session session, IPEndPoint egress, DateTimeOffset at)
    {
        // Two TCP tunnels may have one address and port, toward different targets.
        _flows[egress] = new Flow(session, egress, at) { Next = _flows.GetValueOrDefault(egress) };
        Count++;
    }

    /// <summary>A tunnel has ended.</summary>
    public void Close(Session session, IPEndPoint egress, DateTimeOffset at)
    {
        for (var flow = _flows.GetValueOrDefault(egress); flow is not null; flow = flow.Next)
        {
            if (flow.Session != session || flow.Ended is not null)
                continue;
            flow.Ended = at;
            _ended.Enqueue(flow);
            break;
        }
        if (_ended.Count > capacity)
            Remove(_ended.Dequeue());
    }

    /// <summary>Forgets everything: some ends were not heard of.</summary>
    public void Clear()
    {
        _flows.Clear();
        _ended.Clear();
        Count = 0;
    }

    /// <summary>The sessions, still alive, whose tunnel it is or was.</summary>
    public IEnumerable<Session> Find(FlowLookup lookup)
    {
        if (!IPAddress.TryParse(lookup.Address, out var address) || lookup.Port is < 1 or > 65535)
            return [];
        var found = new HashSet<Session>();
        for (var flow = _flows.GetValueOrDefault(
            new IPEndPoint(address, lookup.Port)); flow is not null; flow = flow.Next)
        {
            if (!flow.Session.IsOver && flow.WasOpenAt(lookup.At))
                found.Add(flow.Session);
        }
        return found;
    }

    /// <summary>Whether a tunnel that is open has its source among these addresses.</summary>
    public bool IsUsed(Func<IPAddress, bool> isAmong)
    {
        foreach (var (egress, first) in _flows)
        {
            if (!isAmong(egress.Address))
                continue;
            for (var flow = first; flow is not null; flow = flow.Next)
            {
                if (flow.Ended is null)
                    return true;
            }
        }
        return false;
    }

    private void Remove(Flow flow)
    {
        Count--;
        var first = _flows[flow.Egress];
        if (first == flow)
        {
            if (flow.Next is null)
                _flows.Remove(flow.Egress);
            else
                _flows[flow.Egress] = flow.Next;
            return;
        }
        while (first.Next != flow)
            first = first.Next!;
        first.Next = flow.Next;
    }

    private sealed class Flow(Session session, IPEndPoint egress, DateTimeOffset opened)
    {
        public Session Session { get; } = session;

        public IPEndPoint Egress { get; } = egress;

        public DateTimeOffset? Ended { get; set; }

        public Flow? Next { get; set; }

        public bool WasOpenAt(DateTimeOffset? at) => at is not { } time
            ? Ended is null
            : opened <= time + Tolerance && (Ended is null || Ended >= time - Tolerance);
    }
}
