using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Node.Credentials;

/// <summary>
/// The passwords of a file, and which of them were found to be right since it was read, by a hash with a secret of the
/// process: a client's second tunnel need not wait for what its first has shown.
/// </summary>
internal sealed class PasswordTable
{
    /// <summary>Verified credentials that are remembered; wrong ones never are.</summary>
    private const int MaxVerified = 16_384;

    private readonly IReadOnlyDictionary<string, PasswordHash> _passwords;
    private readonly PasswordHash _nobody;
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<UInt128, string> _verified = new();

    /// <summary>Takes over a file's passwords.</summary>
    public PasswordTable(IReadOnlyDictionary<string, PasswordHash> passwords)
    {
        _passwords = passwords;
        _nobody = PasswordHash.OfNobody(
            passwords.Values.Select(static hash => hash.Iterations).DefaultIfEmpty(1000).Max());
    }

    /// <summary>Names and passwords for this process alone.</summary>
    /// <param name="credentials">A name, a colon and a password.</param>
    public UInt128 KeyOf(ReadOnlySpan<byte> credentials)
    {
        Span<byte> keyed = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_secret, credentials, keyed);
        return MemoryMarshal.Read<UInt128>(keyed);
    }

    /// <summary>The name of credentials that were found to be right before, or <see langword="null"/>.</summary>
    public string? FindVerified(UInt128 key) => _verified.GetValueOrDefault(key);

    /// <summary>Verifies a password; for a name that there is not, it takes as long.</summary>
    /// <returns>The name, or <see langword="null"/>.</returns>
    public string? Verify(UInt128 key, ReadOnlySpan<byte> credentials, int colon)
    {
        var name = Encoding.UTF8.GetString(credentials[..colon]);
        var known = _passwords.TryGetValue(name, out var hash);
        if (!(hash ?? _nobody).Verify(credentials[(colon + 1)..]) || !known)
            return null;
        if (_verified.Count >= MaxVerified)
            _verified.Clear();
        _verified[key] = name;
        return name;
    }
}
