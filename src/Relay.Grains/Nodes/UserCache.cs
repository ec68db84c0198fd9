using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>What one node is given of the fleet's users. Asked for only where it has not all of them.</summary>
internal sealed class UserCache(NodeTracker tracker, IGrainFactory grains)
{
    private UserStanding? _standing;
    private UserPosition? _of;
    private UserPageAnswer? _answer;
    private Task _asking = Task.CompletedTask;

    /// <summary>Takes what every node is to know.</summary>
    internal void Learn(FleetFacts facts) => _standing = facts.Users ?? _standing;

    /// <summary>Asks for what the node is given next, if it is given something.</summary>
    internal Task AskAsync(UserPosition? position)
    {
        if (_asking.IsCompleted)
        {
            _answer = null;
            if (position is null || _standing is not { } standing)
                return Task.CompletedTask;
            var step = standing.Next(position, tracker.Users.SinceOf(position));
            // Of one that has a later state than there is nothing can be said.
            if (step == UserStep.Nothing || (step == UserStep.Waits && position.Store == standing.Store))
                return Task.CompletedTask;
            _asking = AskGrainAsync(position);
        }
        return _asking;
    }

    /// <summary>What came of it; null for nothing.</summary>
    internal UserPage? Read(UserPosition? position)
    {
        if (position is null || position != _of || _answer?.Page is not { } page)
            return null;
        tracker.Users.Give(position, page, _answer.Floor);
        return page;
    }

    private async Task AskGrainAsync(UserPosition position)
    {
        _of = position;
        _answer = await grains.GetGrain<IUsersGrain>(GrainKeys.Single)
            .GetPageAsync(new UserPageQuestion(position, tracker.Users.SinceOf(position)));
    }
}
