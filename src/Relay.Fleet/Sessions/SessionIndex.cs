using System.Runtime.InteropServices;

namespace Relay.Fleet.Sessions;

/// <summary>
/// Finds the sessions that have a key in common, in order of their ids. Most keys are one session's: such a key has no set of its own.
/// </summary>
internal sealed class SessionIndex
{
    // An id, or a set of them.
    private readonly Dictionary<string, object> _ids = new(StringComparer.Ordinal);

    /// <summary>The sessions of a key; null for none. To be read at once.</summary>
    public SortedSet<string>? Find(string key) => _ids.GetValueOrDefault(key) switch
    {
        string id => new SortedSet<string>(StringComparer.Ordinal) { id },
        var set => (SortedSet<string>?)set,
    };

    /// <summary>How many sessions a key has.</summary>
    public int Count(string key) => _ids.GetValueOrDefault(key) switch
    {
        null => 0,
        SortedSet<string> set => set.Count,
        _ => 1,
    };

    /// <summary>Adds a session to a key.</summary>
    public void Add(string key, string id)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_ids, key, out _);
        if (place is null)
            place = id;
        else if (place is SortedSet<string> set)
            set.Add(id);
        else if ((string)place != id)
            place = new SortedSet<string>(StringComparer.Ordinal) { (string)place, id };
    }

    /// <summary>Takes a session from a key.</summary>
    public void Remove(string key, string id)
    {
        if (_ids.GetValueOrDefault(key) is not { } place)
            return;
        if (place is SortedSet<string> set ? set.Remove(id) && set.Count == 0 : (string)place == id)
            _ids.Remove(key);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _ids.Clear();
}
