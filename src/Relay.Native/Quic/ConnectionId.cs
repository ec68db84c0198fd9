using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Quic;

/// <summary>A QUIC connection ID, 0 to 20 bytes, as a value (RFC 9000 §5.1).</summary>
public readonly struct ConnectionId : IEquatable<ConnectionId>
{
    /// <summary>The longest connection ID of QUIC v1 and v2, in bytes.</summary>
    public const int MaxLength = Ngtcp2Constants.NGTCP2_MAX_CIDLEN;

    private readonly CidBytes _bytes;
    private readonly byte _length;

    /// <summary>Copies a connection ID.</summary>
    /// <param name="bytes">At most <see cref="MaxLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ID is too long.</exception>
    public ConnectionId(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, MaxLength);
        bytes.CopyTo(_bytes);
        _length = (byte)bytes.Length;
    }

    internal unsafe ConnectionId(ngtcp2_cid* cid) : this(new ReadOnlySpan<byte>(&cid->data, (int)cid->datalen))
    {
    }

    /// <summary>Length in bytes.</summary>
    public int Length => _length;

    /// <summary>The bytes, as long as this value is in place.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[.._length];

    internal ngtcp2_cid ToNative()
    {
        var cid = new ngtcp2_cid { datalen = _length };
        Bytes.CopyTo(cid.data);
        return cid;
    }

    /// <inheritdoc/>
    public bool Equals(ConnectionId other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ConnectionId other && Equals(other);

    /// <summary>Seeded at random for each process: clients choose some of the IDs that are hashed.</summary>
    public override int GetHashCode()
    {
        ref var first = ref Unsafe.As<CidBytes, byte>(ref Unsafe.AsRef(in _bytes));
        return HashCode.Combine(
            Unsafe.ReadUnaligned<ulong>(ref first),
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8)),
            Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 16)));
    }

    /// <inheritdoc/>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>Equality by value.</summary>
    public static bool operator ==(ConnectionId left, ConnectionId right) => left.Equals(right);

    /// <summary>Inequality by value.</summary>
    public static bool operator !=(ConnectionId left, ConnectionId right) => !left.Equals(right);
}
