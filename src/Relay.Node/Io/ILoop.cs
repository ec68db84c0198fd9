using Relay.Node.Counters;
using Relay.Node.Tunnels;

namespace Relay.Node.Io;

/// <summary>What tunnels and connections need of the loop that owns them.</summary>
internal interface ILoop
{
    /// <summary>The monotonic clock of this turn, in nanoseconds.</summary>
    ulong Now { get; }

    /// <summary>The loop's timers.</summary>
    LoopTimers Timers { get; }

    /// <summary>The loop's counters; written only by it.</summary>
    LoopCounters Counters { get; }

    /// <summary>Where durations go, shared by all loops.</summary>
    RelayHistograms Histograms { get; }

    /// <summary>Tunnels that go on without their client's stream, until what it had sent is delivered.</summary>
    HashSet<Tunnel> Detached { get; }

    /// <summary>Runs something on the loop, after the current turn. From any thread.</summary>
    void Post(Action command);

    /// <summary>What was under way on the loop had no memory, and was given up; the loop goes on.</summary>
    void OnOutOfMemory(OutOfMemoryException exception);

    /// <summary>A tunnel ended.</summary>
    void OnTunnelEnded(Tunnel tunnel);
}
