using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Nodes;

/// <summary>What one node is given of the fleet's users. Asked for only where it has not all of them.</summary>
internal sealed class UserCache(NodeTracker tracker, IGrainFactory grains, GrainClock clock)
{
    // What came too late for its report is for the next.
    private static readonly TimeSpan LongestKept = TimeSpan.FromSeconds(5);

    private UserStanding? _standing;
    private bool _isFresh;
    private UserPosition? _of;
    private UserPageAnswer? _answer;
    private long _answeredAt;
    private bool _isGiven;
    private Task _asking = Task.CompletedTask;

    /// <summary>
    /// Takes what every node is to know. Where nobody knows how the store stands, what was known before is enough to ask by, and not
    /// to say that there is nothing new.
    /// </summary>
    internal void Learn(FleetFacts facts) => (_standing, _isFresh) = (facts.Users ?? _standing, facts.Users is not null);

    /// <summary>How the store stands is not known before it is told again.</summary>
    internal void Doubt() => _isFresh = false;

    /// <summary>Asks for what the node is given next, if it is given something.</summary>
    internal Task AskAsync(UserPosition? position)
    {
        if (_asking.IsCompleted)
        {
            if (_answer is not null && !_isGiven && position is not null && position == _of
                && clock.Time.GetElapsedTime(_answeredAt) < LongestKept)
                return Task.CompletedTask;
            _answer = null;
            if (position is null || _standing is not { } standing || !HasNext(standing, position))
                return Task.CompletedTask;
            _asking = AskGrainAsync(position);
        }
        return _asking;
    }

    /// <summary>
    /// What came of it: the page, null for none; and whether there is nothing newer for the node than that, or than what it has.
    /// </summary>
    internal (UserPage? Page, bool IsKnown) Read(UserPosition? position)
    {
        if (position is null)
            return (null, false);
        if (position != _of || _answer is not { } answer)
            return (null, _isFresh && _standing is { } standing && !HasNext(standing, position));
        _isGiven = true;
        if (answer.Page is { } page)
            tracker.Users.Give(position, page, answer.Floor);
        return (answer.Page, true);
    }

    // Of one that seems to have what was lost, too, who has the users may know better.
    private bool HasNext(UserStanding standing, UserPosition position) =>
        standing.Next(position, tracker.Users.SinceOf(position)) != UserStep.Nothing;

    private async Task AskGrainAsync(UserPosition position)
    {
        (_of, _isGiven) = (position, false);
        _answer = await grains.GetGrain<IUsersGrain>(GrainKeys.Single)
            .GetPageAsync(new UserPageQuestion(position, tracker.Users.SinceOf(position)));
        _answeredAt = clock.Time.GetTimestamp();
    }
}
