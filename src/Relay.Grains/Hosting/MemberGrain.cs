using Orleans.Concurrency;

namespace Relay.Grains.Hosting;

/// <inheritdoc cref="IMemberGrain"/>
/// <remarks>Active at each silo that is asked: its answer needs no other silo and no storage.</remarks>
[StatelessWorker]
internal sealed class MemberGrain(ISiloStatusOracle silos) : Grain, IMemberGrain
{
    /// <inheritdoc/>
    public Task<MemberStanding> GetStandingAsync() =>
        Task.FromResult(new MemberStanding(silos.CurrentStatus == SiloStatus.Active));
}
