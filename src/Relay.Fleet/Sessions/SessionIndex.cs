namespace Relay.Fleet.Sessions;

/// <summary>Finds the sessions that have a key in common, in order of their ids.</summary>
internal sealed class SessionIndex
{
    private readonly Dictionary<string, SortedSet<string>> _ids = new(StringComparer.Ordinal);

    /// <summary>The sessions of a key.</summary>
    public SortedSet<string>? Find(string key) => _ids.GetValueOrDefault(key);

    /// <summary>How many sessions a key has.</summary>
    public int Count(string key) => Find(key)?.Count ?? 0;

    /// <summary>Adds a session to a key.</summary>
    public void Add(string key, string id)
    {
        if (!_ids.TryGetValue(key, out var set))
            _ids.Add(key, set = new SortedSet<string>(StringComparer.Ordinal));
        set.Add(id);
    }

    /// <summary>Takes a session from a key.</summary>
    public void Remove(string key, string id)
    {
        if (!_ids.TryGetValue(key, out var set) || !set.Remove(id) || set.Count > 0)
            return;
        _ids.Remove(key);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _ids.Clear();
}
