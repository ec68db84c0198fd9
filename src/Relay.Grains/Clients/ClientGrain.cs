using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Limits;
using Relay.Grains.Contracts;

namespace Relay.Grains.Clients;

/// <inheritdoc cref="IClientGrain"/>
/// <remarks>
/// In memory: nodes tell what they use again and again, so that a new activation knows within a few seconds.
/// </remarks>
[Reentrant]
internal sealed class ClientGrain(GrainClock clock, FleetTimings timings) : Grain, IClientGrain
{
    private static readonly TimeSpan Repeat = TimeSpan.FromSeconds(10);

    private IdentityShares? _shares;
    private bool _isUsedUp;
    private long _saidAt;

    private IdentityShares Shares => _shares ??= new IdentityShares(this.GetPrimaryKeyString(), timings);

    /// <inheritdoc/>
    public async Task<IdentityLimit> ReportAsync(ClientReport report)
    {
        if (report.IsGone)
            Shares.Forget(report.Node);
        var share = report.IsGone
            ? new IdentityLimit()
            : Shares.Report(report.Node, report.Usage, report.Limit, report.Nodes, clock.Now);
        var isUsedUp = Shares.IsUsedUp(report.Limit);
        if (isUsedUp != _isUsedUp || (isUsedUp && clock.Time.GetElapsedTime(_saidAt) >= Repeat))
        {
            (_isUsedUp, _saidAt) = (isUsedUp, clock.Time.GetTimestamp());
            try
            {
                await GrainFactory.GetGrain<IFleetGrain>(GrainKeys.Single)
                    .RecordUsedUpAsync(new UsedUpNotice(Shares.Identity, isUsedUp));
            }
            catch (Exception)
            {
                // Said again with the next report that finds it so.
                _isUsedUp = false;
            }
        }
        return share;
    }
}
