using System.Diagnostics.CodeAnalysis;

namespace Relay.Node.Targets;

/// <summary>Outcomes of resolution, for a while. Not safe for threads: its owner locks.</summary>
/// <remarks>All successes live equally long, and so do all failures; two queues in order of insertion are therefore in
/// order of expiry, and finding what to drop takes no search.</remarks>
internal sealed class ResolveCache(TargetResolverLimits limits, TimeProvider time)
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly Queue<Entry> _positive = new();
    private readonly Queue<Entry> _negative = new();

    /// <summary>Names held, expired ones included until the next <see cref="Add"/>.</summary>
    public int Count => _entries.Count;

    /// <summary>Finds an outcome that has not expired.</summary>
    public bool TryGet(string host, [NotNullWhen(true)] out ResolveResult? result)
    {
        bool found = _entries.TryGetValue(host, out var entry) && !IsExpired(entry);
        result = found ? entry!.Result : null;
        return found;
    }

    /// <summary>Keeps an outcome in place of an earlier one of that name; drops what has expired, then, if there is no
    /// room, the oldest failure, then the oldest success.</summary>
    public void Add(string host, ResolveResult result)
    {
        DropExpired(_positive);
        DropExpired(_negative);
        while (_entries.Count >= limits.CacheEntries && !_entries.ContainsKey(host))
            Drop(_negative.Count > 0 ? _negative : _positive);

        bool success = result.Status == ResolveStatus.Success;
        var entry = new Entry(host, result, time.GetTimestamp(),
            success ? limits.PositiveLifetime : limits.NegativeLifetime);
        _entries[host] = entry;
        (success ? _positive : _negative).Enqueue(entry);
    }

    private bool IsExpired(Entry entry) => time.GetElapsedTime(entry.Added) >= entry.Lifetime;

    private void DropExpired(Queue<Entry> queue)
    {
        while (queue.TryPeek(out var oldest) && IsExpired(oldest))
            Drop(queue);
    }

    private void Drop(Queue<Entry> queue)
    {
        var entry = queue.Dequeue();
        if (_entries.TryGetValue(entry.Host, out var current) && ReferenceEquals(current, entry))
            _entries.Remove(entry.Host);
    }

    private sealed record Entry(string Host, ResolveResult Result, long Added, TimeSpan Lifetime);
}
