using System.Collections.Immutable;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>Users by name, as they were at a moment. A search reads the names of all: not where others wait for it.</summary>
public sealed class UserList
{
    private readonly ImmutableList<StoredUser> _byName;

    internal UserList(ImmutableList<StoredUser> byName) => _byName = byName;

    /// <summary>By name.</summary>
    internal static Comparer<StoredUser> ByName { get; } =
        Comparer<StoredUser>.Create(static (a, b) => string.CompareOrdinal(a.Name, b.Name));

    /// <summary>Those that fit a query.</summary>
    public Page<User> Find(UserQuery query)
    {
        var limit = Math.Clamp(query.Limit, 1, 1000);
        var items = new List<User>();
        var at = query.Cursor is null ? -1 : IndexOf(_byName, query.Cursor);
        for (var i = at >= 0 ? at + 1 : query.Cursor is null ? 0 : ~at; i < _byName.Count; i++)
        {
            var user = _byName[i];
            if (user.IsRemoved || query.Search is { } part && !user.Name.Contains(part, StringComparison.Ordinal))
                continue;
            if (items.Count == limit)
                return new Page<User>(items, items[^1].Name);
            items.Add(user.ToUser());
        }
        return new Page<User>(items);
    }

    /// <summary>Where a user is among those by name, as <see cref="ImmutableList{T}.BinarySearch(T)"/> has it.</summary>
    internal static int IndexOf(ImmutableList<StoredUser> byName, string user) =>
        byName.BinarySearch(new StoredUser { Name = user, Version = 0 }, ByName);
}
