using Relay.Fleet.Contract;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// The fleet at a glance, for all that ask this coordinator: a page that is open in many browsers, probes, scrapes. Asked of the fleet's
/// grain once a second at most, and anew after a change that was asked for here.
/// </summary>
internal sealed class OverviewCache(GrainClock clock)
{
    /// <summary>For how long an answer is given, from when it was asked for.</summary>
    internal static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<FleetOverview>? _asked;
    private long _askedAt;
    private long _changes;

    /// <summary>Reads it.</summary>
    /// <exception cref="FleetUnavailableException">Who knows it does not answer.</exception>
    internal Task<FleetOverview> ReadAsync(GrainCalls calls, CancellationToken cancellation)
    {
        // Where nothing ticks by itself, what was told last is to be seen.
        if (!clock.Ticks)
            return AskAsync(calls, cancellation);
        lock (_gate)
        {
            if (_asked is not { IsFaulted: false, IsCanceled: false } || _changes != calls.Changes
                || clock.Time.GetElapsedTime(_askedAt) >= LongestKept)
            {
                // Not given up with who asked first: others wait for it.
                (_changes, _askedAt, _asked) = (calls.Changes, clock.Time.GetTimestamp(), AskAsync(calls, CancellationToken.None));
                _asked.Ignore();
            }
            return _asked.WaitAsync(cancellation);
        }
    }

    private static Task<FleetOverview> AskAsync(GrainCalls calls, CancellationToken cancellation) =>
        calls.AskAsync(static grains => grains.GetGrain<IFleetGrain>(GrainKeys.Single).GetOverviewAsync(), cancellation);
}
