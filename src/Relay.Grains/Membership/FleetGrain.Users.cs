using Relay.Fleet.Contract;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <content>How the store of users stands, which every node is to know.</content>
internal sealed partial class FleetGrain
{
    private static readonly TimeSpan LongestUsers = TimeSpan.FromSeconds(1);
    // It is asked once a second.
    private static readonly TimeSpan LongestUnheardUsers = TimeSpan.FromSeconds(5);

    private UserStanding? _userStanding;
    private long _usersHeardAt;

    // Null where it may be another by now: nodes' users are to grow old while nobody can say that one of them is none any more.
    private UserStanding? FreshUserStanding =>
        _clock.Time.GetElapsedTime(_usersHeardAt) <= LongestUnheardUsers ? _userStanding : null;

    private IUsersGrain Users => GrainFactory.GetGrain<IUsersGrain>(GrainKeys.Single);

    /// <inheritdoc/>
    public Task UsersChangedAsync(UserStanding standing)
    {
        (_userStanding, _usersHeardAt) = (standing, _clock.Time.GetTimestamp());
        return TellStagesAsync();
    }

    /// <inheritdoc/>
    public async Task<UserStoreInfo> GetUserStoreAsync()
    {
        await FreshenAsync();
        // After the nodes: what one of them has is then no later than this.
        var nodes = _registry.Nodes.ToList();
        return UserStoreInfo.Of(await Users.GetStandingAsync(), nodes);
    }

    /// <inheritdoc/>
    public async Task<FleetResult<UserStoreInfo>> ConfirmUsersAsync(UserConfirmation confirmation)
    {
        await FreshenAsync();
        var nodes = _registry.Nodes.ToList();
        var standing = await Users.GetStandingAsync();
        var result = await Users.ConfirmAsync(
            confirmation with { IsLost = standing.HasLost(nodes), Latest = UserStanding.LatestOf(nodes) });
        return result.Value is { } confirmed
            ? FleetResult.Ok(UserStoreInfo.Of(confirmed, nodes)) : result.As<UserStoreInfo>();
    }

    private async Task AskUsersAsync()
    {
        var (askedAt, known) = (_clock.Time.GetTimestamp(), FreshUserStanding);
        var standing = await Users.GetStandingAsync().WaitAsync(_clock.Patience(LongestUsers));
        (_userStanding, _usersHeardAt) = (standing, askedAt);
        // The stages have been told what was known before.
        if (known?.Store != standing.Store || known.Version != standing.Version)
            await TellStagesAsync();
    }

    // A pull that is under way tells what was known when it began.
    private async Task TellStagesAsync()
    {
        await _pulling.Ended();
        await PullAsync();
    }
}
