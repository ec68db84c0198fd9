using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>Makes what devices show to be let in.</summary>
public static class DeviceSecret
{
    private const int SecretBytes = 32;
    private const int IdBytes = 8;

    /// <summary>A device with a new secret, which is not in it.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="expiresAt">From when on it is refused; null for never.</param>
    public static (NewDevice Device, string Secret) Create(string name, DateTimeOffset? expiresAt)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new NewDevice(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)), name, HashOf(secret), expiresAt), secret);
    }

    /// <summary>What is kept of a secret.</summary>
    public static string HashOf(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>Whether a text is what is kept of a secret.</summary>
    public static bool IsHash(string? text) =>
        text is { Length: 44 } && Convert.TryFromBase64String(text, stackalloc byte[SHA256.HashSizeInBytes + 1], out var length)
        && length == SHA256.HashSizeInBytes;
}
