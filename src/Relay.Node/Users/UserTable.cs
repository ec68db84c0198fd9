namespace Relay.Node.Users;

/// <summary>
/// Whose a secret is, by its hash. Immutable: any thread reads it without a lock, and a change copies only the shards that it
/// touches. A secret costs 48 bytes and its part of its user's name, without an object of its own.
/// </summary>
/// <remarks>
/// How long a search takes may tell how a guess's hash is ordered among those that are here. That helps nobody to a secret: it is
/// random and of 128 bits or more, and its hash says nothing of it.
/// </remarks>
internal sealed class UserTable
{
    /// <summary>The most secrets of all users together.</summary>
    public const int MaxSecrets = 1 << 20;

    private const int ShardBits = 12;

    // By the first bits of the hash; each in the order of hashes.
    private readonly UserSecret[][] _shards;

    private UserTable(UserSecret[][] shards, int users, int count) => (_shards, Users, Count) = (shards, users, count);

    /// <summary>That of nobody.</summary>
    public static UserTable Empty { get; } = new([.. Enumerable.Repeat<UserSecret[]>([], 1 << ShardBits)], 0, 0);

    /// <summary>Users with a secret.</summary>
    public int Users { get; }

    /// <summary>Secrets.</summary>
    public int Count { get; }

    /// <summary>All secrets, in the order of their hashes.</summary>
    public IEnumerable<UserSecret> All => _shards.SelectMany(static shard => shard);

    /// <summary>Finds a secret, expired or not.</summary>
    public bool TryFind(in SecretHash hash, out UserSecret found)
    {
        var shard = _shards[ShardOf(hash)];
        var index = ((ReadOnlySpan<UserSecret>)shard).BinarySearch(new Place(hash));
        found = index < 0 ? default : shard[index];
        return index >= 0;
    }

    /// <summary>Another table, of which some users' secrets are others.</summary>
    /// <param name="isReplaced">Whether a user has no secrets but those of <paramref name="added"/>.</param>
    /// <param name="added">Its new secrets, in any order; sorted here.</param>
    /// <returns>Null where a secret would be there twice, or there would be more than <see cref="MaxSecrets"/>.</returns>
    public UserTable? With(Predicate<string> isReplaced, List<UserSecret> added)
    {
        added.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        var shards = (UserSecret[][])_shards.Clone();
        var before = new HashSet<string>(StringComparer.Ordinal);
        var (count, next) = (Count, 0);
        for (var i = 0; i < shards.Length; i++)
        {
            var first = next;
            while (next < added.Count && ShardOf(added[next].Hash) == i)
                next++;
            var (old, gone) = (shards[i], 0);
            foreach (var secret in old)
            {
                if (!isReplaced(secret.User))
                    continue;
                gone++;
                before.Add(secret.User);
            }
            if (gone == 0 && next == first)
                continue;
            count += next - first - gone;
            var (shard, at) = (new UserSecret[old.Length - gone + next - first], 0);
            foreach (var secret in old)
            {
                if (gone == 0 || !isReplaced(secret.User))
                    shard[at++] = secret;
            }
            added.CopyTo(first, shard, at, next - first);
            Array.Sort(shard, static (left, right) => left.Hash.CompareTo(right.Hash));
            if (HasTwice(shard))
                return null;
            shards[i] = shard;
        }
        var after = added.Select(static secret => secret.User).Distinct(StringComparer.Ordinal).Count();
        return count > MaxSecrets ? null : new UserTable(shards, Users - before.Count + after, count);
    }

    private static bool HasTwice(UserSecret[] shard)
    {
        for (var i = 1; i < shard.Length; i++)
        {
            if (shard[i].Hash == shard[i - 1].Hash)
                return true;
        }
        return false;
    }

    private static int ShardOf(in SecretHash hash) => (int)(hash.High >> (128 - ShardBits));

    private readonly struct Place(SecretHash hash) : IComparable<UserSecret>
    {
        private readonly SecretHash _hash = hash;

        public int CompareTo(UserSecret other) => _hash.CompareTo(other.Hash);
    }
}
