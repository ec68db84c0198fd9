using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;

namespace Relay.Node.Fleet;

/// <summary>
/// What the fleet's users have used here and the fleet has not yet counted: no more than as many numbers as there are users, however
/// long nobody answers. What was told is told again as it is until it has arrived, so that nothing counts twice. Not thread-safe.
/// </summary>
internal sealed class UserUseLedger
{
    /// <summary>Bytes of a report that it takes at most.</summary>
    internal const int MaxBytes = 64 << 10;

    // The names of a user's fields, and its numbers at their longest.
    private const int FixedBytes = 128;

    private readonly Dictionary<string, (long Upstream, long Downstream, long Tunnels)> _pending = new(StringComparer.Ordinal);
    private UserUseBatch? _told;
    private long _number;
    private bool _hasMore;

    /// <summary>Whether there is anything that has not arrived.</summary>
    public bool IsOwed => _told is not null || _pending.Count > 0;

    /// <summary>Whether there is more to tell than one report holds.</summary>
    public bool HasBacklog => _hasMore && _told is null;

    /// <summary>Counts what a session has used since it was last counted.</summary>
    /// <param name="session">A session that has an owner; of whom is no user of the fleet nothing is kept.</param>
    /// <param name="begins">It is told that the user is here, whatever the session has carried.</param>
    public void Count(Session session, bool begins = false)
    {
        if (session.Owner?.Identity is not { Kind: IdentityKind.User, Name: var user })
            return;
        var now = (session.UpstreamBytes, session.DownstreamBytes, session.Tunnels);
        var before = session.Counted;
        if (now == before && !begins)
            return;
        session.Counted = now;
        var sum = _pending.GetValueOrDefault(user);
        _pending[user] = (
            sum.Upstream + now.UpstreamBytes - before.Upstream, sum.Downstream + now.DownstreamBytes - before.Downstream,
            sum.Tunnels + now.Tunnels - before.Tunnels);
    }

    /// <summary>What to tell next; null for nothing.</summary>
    public UserUseBatch? Build()
    {
        if (_told is not null || _pending.Count == 0)
            return _told;
        var left = MaxBytes;
        UserUse[] uses = [.. _pending.Take(UserUseBatch.MaxUsers)
            .TakeWhile(use => (left -= FixedBytes + JsonEncodedText.Encode(use.Key).EncodedUtf8Bytes.Length) >= 0)
            .Select(static use => new UserUse(use.Key, use.Value.Upstream, use.Value.Downstream, use.Value.Tunnels))];
        foreach (var use in uses)
            _pending.Remove(use.Name);
        _hasMore = _pending.Count > 0;
        return _told = new UserUseBatch { Number = ++_number, Users = uses };
    }

    /// <summary>A batch has arrived, or one after it.</summary>
    public void Confirm(long number)
    {
        if (_told?.Number <= number)
            _told = null;
    }
}
