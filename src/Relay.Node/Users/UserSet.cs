using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Relay.Fleet.Contract;

namespace Relay.Node.Users;

/// <summary>The fleet's users as a node has them, of one version of one store. Immutable.</summary>
/// <param name="Position">How far they are had.</param>
/// <param name="Table">Their secrets.</param>
/// <param name="Barred">Users without a secret that would let them in: disabled ones among them.</param>
internal sealed record UserSet(UserPosition Position, UserTable Table, ImmutableHashSet<string> Barred)
{
    /// <summary>The most users; more than a fleet has.</summary>
    public const int MaxUsers = 1 << 18;

    /// <summary>That of a node that has no users yet.</summary>
    public static UserSet Nothing { get; } = new(
        UserPosition.Nothing, UserTable.Empty, ImmutableHashSet.Create<string>(StringComparer.Ordinal));

    /// <summary>Users.</summary>
    public int Count => Table.Users + Barred.Count;

    /// <summary>Reads the users of a page.</summary>
    /// <param name="entries">The users.</param>
    /// <param name="changes">The secrets of each; null for one that is a user no more.</param>
    /// <param name="fault">Otherwise, what is wrong with one of them.</param>
    public static bool TryRead(
        IReadOnlyList<UserEntry> entries, out Dictionary<string, UserSecret[]?> changes,
        [NotNullWhen(false)] out string? fault)
    {
        changes = new Dictionary<string, UserSecret[]?>(entries.Count, StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (!Names.IsUser(entry?.Name))
            {
                fault = $"a user's name is not {Names.UserRule}";
                return false;
            }
            var secrets = ReadSecrets(entry);
            fault = secrets is null ? $"user {entry.Name} has more than {User.MaxDevices} credentials, or one that is no SHA-256"
                : !changes.TryAdd(entry.Name, entry.IsRemoved ? null : secrets) ? $"user {entry.Name} is there twice" : null;
            if (fault is not null)
                return false;
        }
        fault = null;
        return true;
    }

    /// <summary>The set after changes.</summary>
    /// <param name="position">What it is then.</param>
    /// <param name="changes">As <see cref="TryRead"/> gives them.</param>
    /// <returns>Null where two users would have one secret, or there would be more of either than may be.</returns>
    public UserSet? With(UserPosition position, Dictionary<string, UserSecret[]?> changes)
    {
        // Of the right size: what Linq borrows for so many it keeps.
        var added = new List<UserSecret>(changes.Values.Sum(static secrets => secrets?.Length ?? 0));
        foreach (var secrets in changes.Values)
            added.AddRange(secrets ?? []);
        var table = Table.With(changes.ContainsKey, added);
        if (table is null)
            return null;
        var set = new UserSet(
            position, table,
            Barred.Except(changes.Keys).Union(changes.Where(static one => one.Value is []).Select(static one => one.Key)));
        return set.Count > MaxUsers ? null : set;
    }

    private static UserSecret[]? ReadSecrets(UserEntry entry)
    {
        if (entry.Credentials.Count > User.MaxDevices)
            return null;
        var secrets = new UserSecret[entry.IsDisabled ? 0 : entry.Credentials.Count];
        Span<byte> hash = stackalloc byte[SecretHash.Length];
        for (var i = 0; i < secrets.Length; i++)
        {
            if (entry.Credentials[i] is not { } credential
                || !Convert.TryFromBase64String(credential.Sha256, hash, out var length) || length != hash.Length)
                return null;
            secrets[i] = new UserSecret(
                SecretHash.Read(hash), entry.Name, Math.Min(TimeOf(entry.ExpiresAt), TimeOf(credential.ExpiresAt)));
        }
        return secrets;
    }

    private static long TimeOf(DateTimeOffset? expires) => expires?.ToUnixTimeMilliseconds() ?? UserSecret.Never;
}
