using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// Whether this process can answer nodes' reports, and whether the rest of the fleet answers through it. Asked at most
/// once a second, however often it is asked itself: the question needs no token, and must cost no more than one.
/// </summary>
/// <remarks>
/// What the fleet has only one of may be at a coordinator that hangs. Every other goes on answering reports meanwhile,
/// and taking all of them out of service would cut the nodes off: that is shown, and is no reason not to be ready.
/// </remarks>
internal sealed class FleetProbe(
    IFleet fleet, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<FleetProbe> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(1);

    // Each pool is asked by itself.
    private static readonly TimeSpan PoolsKeptFor = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<string?>? _member;
    private Task? _rest;
    private Task<IReadOnlyList<PrefixPoolInfo>>? _pools;
    private long _askedAt;
    private long _poolsAskedAt;
    private volatile string? _degradedBecause;
    private volatile FleetOverview? _overview;

    /// <summary>
    /// What of the fleet does not answer at the moment, one sentence; null where everything does, as far as is known.
    /// </summary>
    public string? DegradedBecause => _degradedBecause;

    /// <summary>The fleet at a glance, as of a second or two; null while what knows it does not answer.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<FleetOverview?> OverviewAsync(CancellationToken cancellation)
    {
        Task rest;
        lock (_gate)
        {
            Ask();
            rest = _rest!;
        }
        await rest.WaitAsync(cancellation).ConfigureAwait(false);
        return _overview;
    }

    /// <summary>Why this process cannot answer reports, one sentence; null if it can.</summary>
    public Task<string?> FaultAsync(CancellationToken cancellation)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.FromResult<string?>("stopping");
        lock (_gate)
        {
            Ask();
            // The rest is not waited for: who asks whether this process is ready gives it a second or two.
            return _member!.WaitAsync(cancellation);
        }
    }

    /// <summary>The pools, as of a few seconds; none while who knows them does not answer.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<PrefixPoolInfo>> PoolsAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_pools is null || (_pools.IsCompleted && clock.GetElapsedTime(_poolsAskedAt) >= PoolsKeptFor))
                (_poolsAskedAt, _pools) = (clock.GetTimestamp(), AskPoolsAsync());
            return _pools.WaitAsync(cancellation);
        }
    }

    private async Task<IReadOnlyList<PrefixPoolInfo>> AskPoolsAsync()
    {
        IReadOnlyList<PrefixPoolInfo> pools = [];
        try
        {
            await AskAsync(async patience => pools = await fleet.ListPoolsAsync(patience).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FleetUnavailableException or OperationCanceledException)
        {
            // What is not known is not shown; that it is not is told by the overview.
        }
        return pools;
    }

    private void Ask()
    {
        if (_member is not null && (!_member.IsCompleted || clock.GetElapsedTime(_askedAt) < KeptFor))
            return;
        _askedAt = clock.GetTimestamp();
        _member = AskMemberAsync();
        if (_rest?.IsCompleted != false)
            _rest = AskRestAsync();
    }

    private async Task<string?> AskMemberAsync()
    {
        try
        {
            await AskAsync(fleet.CheckAsync).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is FleetUnavailableException or OperationCanceledException)
        {
            return e is FleetUnavailableException ? e.Message : "this coordinator does not answer in time";
        }
    }

    private async Task AskRestAsync()
    {
        try
        {
            await AskAsync(async patience => _overview = await fleet.GetOverviewAsync(patience).ConfigureAwait(false))
                .ConfigureAwait(false);
            if (_degradedBecause is not null)
                Log.FleetWhole(log);
            _degradedBecause = null;
        }
        catch (Exception e) when (e is FleetUnavailableException or OperationCanceledException)
        {
            var why = e is FleetUnavailableException ? e.Message : "the coordinator that is responsible does not answer";
            _overview = null;
            if (_degradedBecause is null)
                Log.FleetDegraded(log, why);
            // Why is for the log: whoever asks here has no token, and a storage's exceptions name its servers.
            _degradedBecause = "nodes, drains, pools and limits cannot be asked for or changed";
        }
    }

    private static async Task AskAsync(Func<CancellationToken, ValueTask> question)
    {
        using var patience = new CancellationTokenSource(Patience);
        await question(patience.Token).AsTask().WaitAsync(patience.Token).ConfigureAwait(false);
    }
}
