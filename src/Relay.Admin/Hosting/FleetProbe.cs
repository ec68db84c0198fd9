using Microsoft.Extensions.Hosting;
using Relay.Fleet;

namespace Relay.Admin.Hosting;

/// <summary>
/// Whether this process can answer for the fleet. Asked at most once a second, however often it is asked itself: the
/// question needs no token, and must cost no more than one.
/// </summary>
internal sealed class FleetProbe(IFleet fleet, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<string?>? _probe;
    private long _askedAt;

    /// <summary>Why it cannot, one sentence; null if it can.</summary>
    public Task<string?> FaultAsync(CancellationToken cancellation)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.FromResult<string?>("stopping");
        lock (_gate)
        {
            if (_probe is null || (_probe.IsCompleted && clock.GetElapsedTime(_askedAt) >= KeptFor))
            {
                _askedAt = clock.GetTimestamp();
                _probe = AskAsync();
            }
            return _probe.WaitAsync(cancellation);
        }
    }

    private async Task<string?> AskAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await fleet.GetOverviewAsync(patience.Token).AsTask().WaitAsync(patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is FleetUnavailableException or OperationCanceledException)
        {
            return "the fleet does not answer";
        }
    }
}
