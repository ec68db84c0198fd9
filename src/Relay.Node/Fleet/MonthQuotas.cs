using System.Collections.Frozen;
using Relay.Node.Sessions;

namespace Relay.Node.Fleet;

/// <summary>
/// Refuses tunnels to users who have used up their month, as directives say: until one says otherwise, or the month is over. Not
/// thread-safe.
/// </summary>
/// <param name="table">Who uses the node.</param>
/// <param name="clock">The wall clock.</param>
internal sealed class MonthQuotas(IdentityTable table, TimeProvider clock)
{
    /// <summary>What is told to clients at most: a limit may be raised before the month is over.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private FrozenSet<string> _identities = FrozenSet<string>.Empty;
    private DateTimeOffset _until;

    /// <summary>Those who have, by <see cref="SessionIdentity.Text"/>.</summary>
    public IReadOnlySet<string> Identities => _identities;

    /// <summary>Takes what a directive says.</summary>
    /// <param name="users">Who has used up the month.</param>
    /// <param name="until">Its end; null where nothing is said.</param>
    public void Apply(IReadOnlyList<string> users, DateTimeOffset? until)
    {
        _until = until ?? default;
        if (users.Count != _identities.Count || users.Any(user => !_identities.Contains(IdentityOf(user))))
            _identities = users.Select(IdentityOf).ToFrozenSet(StringComparer.Ordinal);
        Look();
    }

    /// <summary>Looks whether the month is over.</summary>
    public void Look()
    {
        var left = _until - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            _identities = FrozenSet<string>.Empty;
        table.Spent = _identities.Count == 0 ? SpentQuota.None
            : new SpentQuota(_identities, (int)Math.Ceiling((left < LongestWait ? left : LongestWait).TotalSeconds));
    }

    private static string IdentityOf(string user) => new SessionIdentity(IdentityKind.User, user).Text;
}
