using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>Two hours of what one node carried, the last quarter of an hour in steps of ten seconds, all of it in steps of a minute.</summary>
internal sealed class LoadHistory
{
    private const int FineSeconds = 900;

    // The step that a window begins in, and the one that is not over, are two.
    private readonly LoadRing _fine = new(10, FineSeconds / 10 + 2);
    private readonly LoadRing _coarse = new(60, NodeHistory.MaxSeconds / 60 + 2);

    /// <summary>Adds what a report told.</summary>
    /// <param name="report">The report, as far as it is believed.</param>
    /// <param name="increase">What came since the one before; not looked at where that is not known.</param>
    /// <param name="within">How long ago that one was; null where it was of another process, or is not known.</param>
    /// <param name="now">The receiver's clock.</param>
    public void Add(NodeReport report, NodeTotals increase, TimeSpan? within, DateTimeOffset now)
    {
        var (up, down) = within is null ? (0, 0) : (increase.UpstreamBytes, increase.DownstreamBytes);
        _fine.Add(report.Load, up, down, within ?? TimeSpan.Zero, now);
        _coarse.Add(report.Load, up, down, within ?? TimeSpan.Zero, now);
    }

    /// <summary>What there is of a window, in seconds; one that is too short or too long is taken for the nearest.</summary>
    public NodeHistory Read(string node, int window, DateTimeOffset now)
    {
        window = Math.Clamp(window, NodeHistory.MinSeconds, NodeHistory.MaxSeconds);
        var ring = window <= FineSeconds ? _fine : _coarse;
        return new NodeHistory { Node = node, WindowSeconds = window, StepSeconds = ring.StepSeconds, Points = [.. ring.Read(window, now)] };
    }
}
