namespace Relay.Fleet;

/// <summary>
/// An hour of what some nodes carried, in steps of ten seconds. The stages of a fleet's statistics: a node's increase is
/// added to the window that has its part of the fleet; for an answer the windows' slices are merged.
/// </summary>
public sealed class StatsWindow
{
    /// <summary>A step, in seconds.</summary>
    public const int StepSeconds = 10;

    /// <summary>The longest window, in seconds.</summary>
    public const int MaxSeconds = 3600;

    /// <summary>A window without history.</summary>
    public StatsWindow(DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Adds what came at a node, and what is open there.</summary>
    public void Add(string node, StatsIncrease increase, NodeLoad load, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>A node is silent or gone: nothing is open there.</summary>
    public void Close(string node, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>What came within the last seconds.</summary>
    public StatsSlice Read(int windowSeconds, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>The answer that slices of the same window make together.</summary>
    public static FleetStats Merge(IReadOnlyCollection<StatsSlice> slices) => throw new NotImplementedException();
}
