using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Node.Users;

/// <summary>The SHA-256 of a secret that a user's device shows, by which it is found. Ordered as its bytes are.</summary>
/// <param name="High">The first sixteen bytes.</param>
/// <param name="Low">The rest.</param>
internal readonly record struct SecretHash(UInt128 High, UInt128 Low) : IComparable<SecretHash>
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>The hash of a secret, as it was shown.</summary>
    public static SecretHash Of(ReadOnlySpan<byte> secret)
    {
        Span<byte> hash = stackalloc byte[Length];
        _ = SHA256.HashData(secret, hash);
        return Read(hash);
    }

    /// <summary>Reads one.</summary>
    /// <param name="hash"><see cref="Length"/> bytes.</param>
    public static SecretHash Read(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]));

    /// <summary>Writes it.</summary>
    /// <param name="destination">Room for <see cref="Length"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, High);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
    }

    /// <inheritdoc/>
    public int CompareTo(SecretHash other) =>
        High.CompareTo(other.High) is var order and not 0 ? order : Low.CompareTo(other.Low);
}
