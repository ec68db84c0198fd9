using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Relay.Load.Measure;

/// <summary>How a transferred stream is verified.</summary>
internal enum VerifyMode
{
    /// <summary>Only its length.</summary>
    None,

    /// <summary><see cref="Measure.Checksum"/>.</summary>
    Checksum,

    /// <summary>SHA-256.</summary>
    Sha256,
}

/// <summary>The digest of a stream that both ends compute and compare.</summary>
internal sealed class StreamDigest(VerifyMode mode) : IDisposable
{
    /// <summary>Bytes of a digest of any mode; the shorter are padded with zeros.</summary>
    public const int Size = 32;

    private readonly Checksum? _checksum = mode == VerifyMode.Checksum ? new Checksum() : null;
    private readonly IncrementalHash? _sha = mode == VerifyMode.Sha256
        ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        _checksum?.Append(data);
        _sha?.AppendData(data);
    }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        if (_checksum is not null)
            BinaryPrimitives.WriteUInt64BigEndian(destination, _checksum.Value);
        _sha?.TryGetCurrentHash(destination, out _);
    }

    public string Hex()
    {
        Span<byte> digest = stackalloc byte[Size];
        Write(digest);
        return ToHex(digest, mode);
    }

    public static string ToHex(ReadOnlySpan<byte> digest, VerifyMode mode) => mode switch
    {
        VerifyMode.Checksum => Convert.ToHexStringLower(digest[..sizeof(ulong)]),
        VerifyMode.Sha256 => Convert.ToHexStringLower(digest[..Size]),
        _ => "",
    };

    public void Dispose() => _sha?.Dispose();
}
