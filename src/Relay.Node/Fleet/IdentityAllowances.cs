using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Node.Sessions;

namespace Relay.Node.Fleet;

/// <summary>
/// Hands this node's share of the fleet's limits to its loops, and says what identities use of it. Not thread-safe.
/// </summary>
/// <param name="table">Who uses the node.</param>
/// <param name="clock">The monotonic clock.</param>
internal sealed class IdentityAllowances(IdentityTable table, TimeProvider clock)
{
    /// <summary>Identities that a report tells of beyond those that have a limit of their own.</summary>
    internal const int MaxOthers = 256;

    /// <summary>
    /// Bytes of a report that they take at most: a coordinator takes 256 KiB of all but its sessions. Those that are left out are of those
    /// that use least.
    /// </summary>
    internal const int MaxBytes = 128 << 10;

    // The names of an identity's fields, and its numbers at their longest.
    private const int FixedBytes = 160;

    private IReadOnlyList<IdentityAllowance> _limits = [];
    private IdentityLimit? _otherwise;
    private Dictionary<string, (long Bytes, long Refusals)> _before = new(StringComparer.Ordinal);
    private long _readAt = clock.GetTimestamp();

    /// <summary>Takes what a directive allows; the same again costs nothing.</summary>
    public void Apply(IReadOnlyList<IdentityAllowance> limits, IdentityLimit? otherwise)
    {
        if (otherwise == _otherwise && limits.SequenceEqual(_limits))
            return;
        (_limits, _otherwise) = (limits, otherwise);
        var byName = new Dictionary<string, IdentityLimits>(StringComparer.Ordinal);
        foreach (var allowance in limits)
            byName[allowance.Identity] = ToLimits(allowance.Limit);
        table.Use(byName, otherwise is null ? IdentityLimits.None : ToLimits(otherwise));
    }

    /// <summary>
    /// What identities use now: those with a limit of their own, those that want more, and those that use most.
    /// </summary>
    public IReadOnlyList<IdentityUsage> Read()
    {
        var seconds = Math.Max(clock.GetElapsedTime(_readAt).TotalSeconds, 1e-3);
        _readAt = clock.GetTimestamp();
        var now = new Dictionary<string, (long Bytes, long Refusals)>(StringComparer.Ordinal);
        var usages = new List<IdentityUsage>();
        foreach (var identity in table.List())
        {
            var name = identity.Identity.Text;
            var current = (Bytes: identity.UpstreamBytes + identity.DownstreamBytes, identity.Refusals);
            now.Add(name, current);
            var before = _before.GetValueOrDefault(name);
            // An identity that was forgotten in between counts from zero.
            if (current.Bytes < before.Bytes || current.Refusals < before.Refusals)
                before = default;
            usages.Add(new IdentityUsage(
                name, identity.Sessions, identity.Tunnels, (long)((current.Bytes - before.Bytes) / seconds),
                current.Refusals > before.Refusals));
        }
        _before = now;
        return Choose(usages);
    }

    private List<IdentityUsage> Choose(List<IdentityUsage> usages)
    {
        var named = _limits.Select(static limit => limit.Identity).ToHashSet(StringComparer.Ordinal);
        var left = MaxBytes;
        return [.. Busiest(usages, usage => named.Contains(usage.Identity))
            .Concat(Busiest(usages, usage => !named.Contains(usage.Identity)).Take(MaxOthers))
            .TakeWhile(usage => (left -= FixedBytes + JsonEncodedText.Encode(usage.Identity).EncodedUtf8Bytes.Length) >= 0)];
    }

    private static IOrderedEnumerable<IdentityUsage> Busiest(List<IdentityUsage> usages, Func<IdentityUsage, bool> which) =>
        usages.Where(which)
            .OrderByDescending(static usage => usage.Wants)
            .ThenByDescending(static usage => usage.BytesPerSecond)
            .ThenByDescending(static usage => usage.Tunnels);

    private static IdentityLimits ToLimits(IdentityLimit limit) => new()
    {
        MaxSessions = limit.Sessions ?? long.MaxValue,
        MaxTunnels = limit.Tunnels ?? long.MaxValue,
        BytesPerSecond = limit.BytesPerSecond ?? long.MaxValue,
    };
}
