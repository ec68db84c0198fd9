using System.Text;
using Relay.Fleet.Contract;
using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

/// <summary>Users as a fleet hands them over.</summary>
internal static class SampleUsers
{
    public static readonly Guid Store = Guid.Parse("6f9619ff-8b86-4011-b42d-00cf4fc964ff");
    public static readonly Guid OtherStore = Guid.Parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301");

    /// <summary>What a user's device shows.</summary>
    public static string Secret(string user, int device = 1) => $"{user}-{device}-kC6m1r0Yq7F3bV9tXw2pLzQe5uT8aSd4";

    public static SecretHash HashOf(string secret) => SecretHash.Of(Encoding.ASCII.GetBytes(secret));

    public static SecretHash HashOf(string user, int device) => HashOf(Secret(user, device));

    /// <summary>A user with so many devices.</summary>
    public static UserEntry User(string name, int devices = 1, DateTimeOffset? expires = null) => new()
    {
        Name = name,
        ExpiresAt = expires,
        Credentials = [.. Enumerable.Range(1, devices).Select(device => Credential(name, device))],
    };

    public static CredentialEntry Credential(string user, int device, DateTimeOffset? expires = null)
    {
        var hash = new byte[SecretHash.Length];
        HashOf(user, device).Write(hash);
        return new CredentialEntry($"{user}-{device}", Convert.ToBase64String(hash), expires);
    }

    /// <summary>The whole of a store's users, in one page.</summary>
    public static UserPage Whole(long version, params UserEntry[] entries) => new()
    {
        Store = Store,
        From = 0,
        Version = version,
        IsLast = true,
        Entries = entries,
    };

    /// <summary>What has changed since a version.</summary>
    public static UserPage Since(long from, long version, params UserEntry[] entries) =>
        Whole(version, entries) with { From = from };

    /// <summary>Users as a node has them.</summary>
    public static UserSet Set(long version, params UserEntry[] entries)
    {
        Assert.True(UserSet.TryRead(entries, out var changes, out var fault), fault);
        return UserSet.Nothing.With(new UserPosition(Store, version), changes)!;
    }

    /// <summary>Whose a secret is; null for nobody's.</summary>
    public static string? Owner(this UserTable table, string user, int device = 1) =>
        table.TryFind(HashOf(user, device), out var found) ? found.User : null;
}
