namespace Relay.Testing.Nodes;

/// <summary>A node's set of the fleet's users, by the rules that every node has: what it takes, and what it refuses.</summary>
public sealed class SimulatedUsers
{
    private readonly Dictionary<string, UserEntry> _gathered = new(StringComparer.Ordinal);
    private Dictionary<string, UserEntry> _taken = new(StringComparer.Ordinal);
    private UserPosition _position = UserPosition.Nothing;
    private UserPosition? _gathering;

    /// <summary>What it uses, by name.</summary>
    public IReadOnlyDictionary<string, UserEntry> Entries => _taken;

    /// <summary>What its reports say.</summary>
    public UserPosition Position => _gathering ?? _position;

    /// <summary>What it was given, in order.</summary>
    public List<UserPage> Pages { get; } = [];

    /// <summary>Whether it refused the last page.</summary>
    public bool Refuses { get; private set; }

    /// <summary>A node that has one.</summary>
    public static SimulatedUsers Of(SimulatedNode node)
    {
        var users = new SimulatedUsers();
        node.Amend = report =>
        {
            users.Take(node.LastDirective?.Users);
            return report with { Users = users.Position };
        };
        return users;
    }

    /// <summary>It has users as of another position, or of another store.</summary>
    public void Pretend(UserPosition position, params ReadOnlySpan<string> users)
    {
        (_position, _gathering) = (position, null);
        foreach (var user in users)
            _taken[user] = new UserEntry { Name = user };
    }

    /// <summary>Its process begins anew, with what is on its disk.</summary>
    public void Restart() => _gathering = null;

    /// <summary>Takes a page, or refuses it.</summary>
    public void Take(UserPage? page)
    {
        if (page is null || (Pages.Count > 0 && ReferenceEquals(Pages[^1], page)))
            return;
        Pages.Add(page);
        Refuses = false;
        if (page.From == 0)
            Begin(page);
        else if (_gathering is not null ? page.From == _gathering.Version && page.Store == _gathering.Store
            : page.From == _position.Version && page.Store == _position.Store)
            GoOn(page);
    }

    private void Begin(UserPage page)
    {
        Refuses = _taken.Count > 0 && !page.IsConfirmed && (page.Store != _position.Store || (page.IsLast && page.Entries.Count == 0));
        if (Refuses)
            return;
        _gathered.Clear();
        _gathering = UserPosition.Nothing;
        GoOn(page);
    }

    private void GoOn(UserPage page)
    {
        var set = _gathering is null ? _taken : _gathered;
        foreach (var entry in page.Entries)
        {
            if (entry.IsRemoved)
                set.Remove(entry.Name);
            else
                set[entry.Name] = entry;
        }
        var position = new UserPosition(page.Store, page.Version);
        if (_gathering is null)
            _position = position;
        else if (page.IsLast)
            (_taken, _position, _gathering) = (new(_gathered, StringComparer.Ordinal), position, null);
        else
            _gathering = position;
    }
}
