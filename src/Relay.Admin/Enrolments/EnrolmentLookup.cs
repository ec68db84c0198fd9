using Relay.Fleet.Contract;

namespace Relay.Admin.Enrolments;

/// <summary>
/// Looks for enrolments. Whoever guesses asks as often as he likes, so all who ask at the same time share one call of the fleet, and
/// there is one at a time; it begins after who shares it has come, so that it knows of what began before.
/// </summary>
/// <param name="fleet">The fleet.</param>
internal sealed class EnrolmentLookup(IFleet fleet)
{
    private readonly Lock _gate = new();
    private Task<IReadOnlyList<Enrolment>>? _running;
    private Task<IReadOnlyList<Enrolment>>? _next;

    /// <summary>The enrolment of a token, used or not; null for none.</summary>
    /// <param name="token">What a link ends with, whatever that is.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="FleetUnavailableException">Nobody answers.</exception>
    public async Task<Enrolment?> FindAsync(string token, CancellationToken cancellation)
    {
        if (!EnrolmentToken.IsToken(token))
            return null;
        Task<IReadOnlyList<Enrolment>> asked;
        lock (_gate)
            asked = _next ??= AskAsync(_running);
        var hash = new EnrolmentToken(token).Hash;
        return (await asked.WaitAsync(cancellation).ConfigureAwait(false)).FirstOrDefault(one => one.Sha256 == hash);
    }

    private async Task<IReadOnlyList<Enrolment>> AskAsync(Task? before)
    {
        // Whoever has called this has to say first that it is the next.
        await Task.Yield();
        if (before is not null)
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
            (_running, _next) = (_next, null);
        return await fleet.ListEnrolmentsAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
