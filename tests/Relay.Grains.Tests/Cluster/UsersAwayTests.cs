using Relay.Grains.Users;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>Who keeps the users does not answer: reports are answered as ever, and their answers do not say that they know the users.</summary>
[Trait("Needs", "Cluster")]
public sealed class UsersAwayTests
{
    [Fact]
    public async Task Answers_WhileTheUsersAreAway_SayNothingOfThem_AndKnowThemAfter()
    {
        var isAway = false;
        await using var fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(call =>
            Volatile.Read(ref isAway) && call.Grain is UsersGrain
                ? Task.FromException(new TimeoutException("the users are away")) : call.Invoke()));
        await fleet.Fleet.TickAsync(default);
        var node = new SimulatedNode("edge-1");
        var users = SimulatedUsers.Of(node);
        Assert.True((await fleet.Fleet.PutUserAsync(new User { Name = "alice" }, null, default)).IsOk);
        await PassAsync(10);
        Assert.True(node.LastDirective is { KnowsUsers: true, Users: null });
        Assert.Equal(["alice"], users.Entries.Keys);

        Volatile.Write(ref isAway, true);
        await PassAsync(10);
        Assert.True(node.LastDirective is { IsStandIn: false, KnowsUsers: false, Users: null });
        // Nor where there would be something for it.
        users.Pretend(UserPosition.Nothing);
        await PassAsync(1);
        Assert.True(node.LastDirective is { IsStandIn: false, KnowsUsers: false, Users: null });

        Volatile.Write(ref isAway, false);
        await PassAsync(1);
        Assert.True(node.LastDirective is { KnowsUsers: true, Users: not null });

        Task PassAsync(int seconds) => fleet.PassAsync(TimeSpan.FromSeconds(seconds), () => node.ReportAsync(fleet.Fleet));
    }
}
