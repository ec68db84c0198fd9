using Relay.Fleet.Contract;

namespace Relay.Node.Users;

/// <summary>
/// Takes the fleet's users page by page, and does not give up those that it has for others that nobody has confirmed. Not
/// thread-safe.
/// </summary>
/// <param name="first">The users that a process before this one had.</param>
internal sealed class UserHandOver(UserSet first)
{
    private Dictionary<string, UserSecret[]?>? _gathered;
    private UserPosition _gatheredTo = UserPosition.Nothing;
    private bool _asksForAll;
    private bool _hasAskedForAll;

    /// <summary>The users.</summary>
    public UserSet Set { get; private set; } = first;

    /// <summary>
    /// What is to be continued: the users, or those that are gathered to take their place; nothing, once, where what continues them
    /// made no sense and a whole set may.
    /// </summary>
    public UserPosition Position => _asksForAll ? UserPosition.Nothing : _gathered is null ? Set.Position : _gatheredTo;

    /// <summary>Whether the last page was not the last that there is.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Why the last page was not taken, with a sentence; null where it was.</summary>
    public (UserRefusal Reason, string Text)? Refused { get; private set; }

    /// <summary>Takes a page; null where nothing has changed.</summary>
    public void Take(UserPage? page)
    {
        HasMore = page is { IsLast: false };
        _asksForAll = false;
        Refused = page is null ? null : Refuse(page);
        if (Refused is null)
            return;
        _gathered = null;
        HasMore = false;
        if (Refused is not (UserRefusal.Malformed, _) || _hasAskedForAll)
            return;
        // The same page would come for ever.
        _asksForAll = _hasAskedForAll = true;
    }

    private (UserRefusal Reason, string Text)? Refuse(UserPage page)
    {
        // An answer that was overtaken: the next report says what is had, and its answer goes on from there.
        if (page.From != 0 && (page.Store != Position.Store || page.From != Position.Version))
            return null;
        if (!page.IsConfirmed && Set.Count > 0 && page.Store != Set.Position.Store)
            return (UserRefusal.OtherStore, Kept($"the fleet's users are of another store, {page.Store}"));
        if (!UserSet.TryRead(page.Entries, out var changes, out var fault))
            return Malformed(fault);
        if (page.Version <= page.From || page.Store == Guid.Empty)
            return Malformed("a page has no version, or no store");
        var position = new UserPosition(page.Store, page.Version);
        if (page.From != 0 && _gathered is null)
            return Use(Set.With(position, changes));
        Gather(position, page.From == 0 ? [] : _gathered!, changes);
        // Before it is whole, too, it is no more than it may be.
        if (_gathered!.Count > UserSet.MaxUsers || _gathered.Values.Sum(static secrets => secrets?.Length ?? 0) > UserTable.MaxSecrets)
            return Use(null);
        return page.IsLast ? Replace(UserSet.Nothing.With(position, _gathered), page.IsConfirmed) : null;
    }

    private (UserRefusal Reason, string Text)? Replace(UserSet? set, bool isConfirmed)
    {
        if (isConfirmed || Set.Count == 0 || set is null)
            return Use(set);
        if (set.Count == 0)
            return (UserRefusal.Empty, Kept("the fleet has no users any more"));
        // Of one store nothing goes back.
        return set.Position.Version < Set.Position.Version
            ? (UserRefusal.Older, Kept($"the fleet's users are of version {set.Position.Version}"))
            : Use(set);
    }

    private (UserRefusal Reason, string Text)? Use(UserSet? set)
    {
        if (set is null)
            return Malformed($"two of them have one credential, or they are more than {UserSet.MaxUsers} with {UserTable.MaxSecrets} credentials");
        (Set, _gathered, _hasAskedForAll) = (set, null, false);
        return null;
    }

    private void Gather(UserPosition to, Dictionary<string, UserSecret[]?> gathered, Dictionary<string, UserSecret[]?> changes)
    {
        foreach (var (user, secrets) in changes)
            gathered[user] = secrets;
        (_gathered, _gatheredTo) = (gathered, to);
    }

    private string Kept(string why) =>
        $"{why}: the node keeps its {Set.Count}, of store {Set.Position.Store}, version {Set.Position.Version}, until an operator confirms";

    private static (UserRefusal Reason, string Text)? Malformed(string fault) =>
        (UserRefusal.Malformed, $"users of the fleet are not taken: {fault}");
}
