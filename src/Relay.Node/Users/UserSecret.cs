namespace Relay.Node.Users;

/// <summary>A secret that lets a user in.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="User">The user's name; one object for all secrets of the user.</param>
/// <param name="Expires">From when on it is refused, in milliseconds of Unix time; <see cref="Never"/>.</param>
internal readonly record struct UserSecret(SecretHash Hash, string User, long Expires)
{
    /// <summary>Of a secret that does not expire.</summary>
    public const long Never = long.MaxValue;
}
