using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>The newest steps of time of one node, 28 bytes each in one array, which the first report makes: after it, a report makes no object.</summary>
/// <param name="seconds">How long a step is.</param>
/// <param name="count">How many steps are kept.</param>
internal sealed class LoadRing(int seconds, int count)
{
    private Point[] _points = [];
    private uint _number;
    private Sum _sum;

    /// <summary>How long a step is, in seconds.</summary>
    public int StepSeconds => seconds;

    /// <summary>Adds what a report told.</summary>
    /// <param name="load">What is open, as far as it is believed.</param>
    /// <param name="upstream">Bytes toward targets that came since the report before.</param>
    /// <param name="downstream">Bytes toward clients.</param>
    /// <param name="within">How long ago that one was; zero where there is none.</param>
    /// <param name="now">The receiver's clock.</param>
    public void Add(NodeLoad load, long upstream, long downstream, TimeSpan within, DateTimeOffset now)
    {
        var number = NumberOf(now);
        if (number != _number)
            (_number, _sum) = (number, default);
        _sum.Seconds += Math.Max(0, within.TotalSeconds);
        _sum.Upstream += upstream;
        _sum.Downstream += downstream;
        for (var i = 0; i < load.Loops.Count; i++)
            (_sum.Busy, _sum.Loops) = (_sum.Busy + load.Loops[i].Busy, _sum.Loops + 1);
        if (_points.Length == 0)
            _points = new Point[count];
        _points[number % count] = new Point
        {
            Number = number,
            Upstream = (float)_sum.Rate(_sum.Upstream),
            Downstream = (float)_sum.Rate(_sum.Downstream),
            Busy = (float)(_sum.Busy / _sum.Loops),
            Connections = (uint)load.Connections,
            TcpTunnels = (uint)load.TcpTunnels,
            UdpTunnels = (uint)load.UdpTunnels,
        };
    }

    /// <summary>The steps of the last seconds in which there was a report, oldest first.</summary>
    public IEnumerable<NodeHistoryPoint> Read(int window, DateTimeOffset now)
    {
        var last = NumberOf(now);
        for (var number = Math.Max(NumberOf(now.AddSeconds(-window)), last - (uint)count + 1); number <= last && _points.Length > 0; number++)
        {
            var point = _points[number % count];
            if (point.Number != number)
                continue;
            var end = DateTimeOffset.FromUnixTimeSeconds((number + 1L) * seconds);
            yield return new NodeHistoryPoint
            {
                At = end < now ? end : now,
                UpstreamBytes = Math.Round(point.Upstream, 1),
                DownstreamBytes = Math.Round(point.Downstream, 1),
                Connections = point.Connections,
                TcpTunnels = point.TcpTunnels,
                UdpTunnels = point.UdpTunnels,
                Busy = float.IsNaN(point.Busy) ? null : Math.Round(point.Busy, 3),
            };
        }
    }

    private uint NumberOf(DateTimeOffset at) => (uint)(at.ToUnixTimeSeconds() / seconds);

    // Of the step that is not over.
    private struct Sum
    {
        public double Seconds;
        public double Upstream;
        public double Downstream;
        public double Busy;
        public int Loops;

        public readonly double Rate(double bytes) => Seconds > 0 ? bytes / Seconds : 0;
    }

    private struct Point
    {
        public uint Number;
        public float Upstream;
        public float Downstream;
        public float Busy;
        public uint Connections;
        public uint TcpTunnels;
        public uint UdpTunnels;
    }
}
