using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Relay.Node.Credentials;

/// <summary>
/// A password at rest: PBKDF2 with HMAC-SHA-256 (RFC 8018 §5.2), as
/// <c>pbkdf2-sha256$ITERATIONS$SALT$HASH</c>, salt and hash in base64. Immutable.
/// </summary>
internal sealed class PasswordHash
{
    /// <summary>Iterations of a new hash.</summary>
    public const int DefaultIterations = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int MinIterations = 1000;
    private const int MaxIterations = 10_000_000;
    private const int MinSalt = 8;
    private const int SaltLength = 16;
    private const int HashLength = 32;

    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int iterations, byte[] salt, byte[] hash) =>
        (Iterations, _salt, _hash) = (iterations, salt, hash);

    /// <summary>What a verification costs.</summary>
    public int Iterations { get; }

    /// <summary>Hashes a password with a new salt.</summary>
    public static PasswordHash Create(ReadOnlySpan<byte> password, int iterations = DefaultIterations)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return new PasswordHash(
            iterations, salt,
            Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, HashLength));
    }

    /// <summary>A hash of no password: verifying against it costs as much as against any other.</summary>
    public static PasswordHash OfNobody(int iterations) => new(
        iterations, RandomNumberGenerator.GetBytes(SaltLength), RandomNumberGenerator.GetBytes(HashLength));

    /// <summary>Reads the text form.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out PasswordHash? hash, [NotNullWhen(false)] out string? error)
    {
        hash = null;
        var parts = text.Split('$');
        error = null;
        if (parts is not [Scheme, var count, var saltText, var hashText])
            error = $"expected {Scheme}$ITERATIONS$SALT$HASH";
        else if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < MinIterations or > MaxIterations)
            error = $"iterations are {MinIterations} to {MaxIterations}";
        else if (!TryDecode(saltText, out var salt) || salt.Length < MinSalt)
            error = $"the salt is no base64 of {MinSalt} bytes or more";
        else if (!TryDecode(hashText, out var bytes) || bytes.Length != HashLength)
            error = $"the hash is no base64 of {HashLength} bytes";
        else
            hash = new PasswordHash(iterations, salt, bytes);
        return hash is not null;
    }

    /// <summary>Whether a password is the one; takes long on purpose, and as long either way.</summary>
    public bool Verify(ReadOnlySpan<byte> password)
    {
        Span<byte> actual = stackalloc byte[HashLength];
        Rfc2898DeriveBytes.Pbkdf2(password, _salt, actual, Iterations, HashAlgorithmName.SHA256);
        return CryptographicOperations.FixedTimeEquals(actual, _hash);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Scheme}${Iterations}${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_hash)}";

    private static bool TryDecode(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        var good = Convert.TryFromBase64String(text, bytes, out var length);
        Array.Resize(ref bytes, length);
        return good;
    }
}
