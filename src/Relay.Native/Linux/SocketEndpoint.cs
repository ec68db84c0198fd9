using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Relay.Native.Linux;

/// <summary>
/// An address and port in the kernel's own layout, <c>sockaddr_in</c> or <c>sockaddr_in6</c>, and its length. What the
/// family does not use is zero, so that two endpoints are equal exactly when their 32 bytes are.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public readonly struct SocketEndpoint : IEquatable<SocketEndpoint>
{
    internal const int MaxLength = 28;
    private const int IPv4Length = 16;

    [FieldOffset(0)] private readonly ushort _family;
    [FieldOffset(2)] private readonly ushort _port; // network order
    [FieldOffset(4)] private readonly uint _ipv4; // sin6_flowinfo of IPv6
    [FieldOffset(8)] private readonly ulong _ipv6High; // sin_zero of IPv4
    [FieldOffset(16)] private readonly ulong _ipv6Low;
    [FieldOffset(24)] private readonly uint _scope;
    [FieldOffset(28)] private readonly int _length;
    [FieldOffset(0)] private readonly ulong _head;

    /// <summary>Converts an endpoint; the scope of an IPv6 address is kept.</summary>
    public SocketEndpoint(IPEndPoint endpoint)
    {
        _port = BinaryPrimitives.ReverseEndianness((ushort)endpoint.Port);
        Span<byte> address = stackalloc byte[16];
        if (!endpoint.Address.TryWriteBytes(address, out var written))
            throw new ArgumentException("An address of neither IPv4 nor IPv6.", nameof(endpoint));
        if (written == 4)
        {
            _family = SocketConstants.AF_INET;
            _length = IPv4Length;
            _ipv4 = MemoryMarshal.Read<uint>(address);
            return;
        }
        _family = SocketConstants.AF_INET6;
        _length = MaxLength;
        _ipv6High = MemoryMarshal.Read<ulong>(address);
        _ipv6Low = MemoryMarshal.Read<ulong>(address[8..]);
        _scope = (uint)endpoint.Address.ScopeId;
    }

    /// <summary>
    /// Copies a native <c>sockaddr_in</c> or <c>sockaddr_in6</c>; what follows it in the span is ignored.
    /// </summary>
    public SocketEndpoint(ReadOnlySpan<byte> sockaddr)
    {
        var family = sockaddr.Length < 2 ? 0 : MemoryMarshal.Read<ushort>(sockaddr);
        var length = family switch
        {
            SocketConstants.AF_INET => IPv4Length,
            SocketConstants.AF_INET6 => MaxLength,
            _ => throw new ArgumentException("A socket address of neither IPv4 nor IPv6.", nameof(sockaddr)),
        };
        if (sockaddr.Length < length)
            throw new ArgumentException("A socket address that is cut short.", nameof(sockaddr));
        this = default;
        sockaddr[..length].CopyTo(MemoryMarshal.AsBytes(new Span<SocketEndpoint>(ref this)));
        if (family == SocketConstants.AF_INET)
            _ipv6High = 0;
        _length = length;
    }

    private SocketEndpoint(uint address, ushort port)
    {
        _family = SocketConstants.AF_INET;
        _port = port;
        _ipv4 = address;
        _length = IPv4Length;
    }

    private SocketEndpoint(in in6_addr address, ushort port, uint scope)
    {
        _family = SocketConstants.AF_INET6;
        _port = port;
        _length = MaxLength;
        _ipv6High = Unsafe.As<in6_addr, ulong>(ref Unsafe.AsRef(in address));
        _ipv6Low = Unsafe.Add(ref Unsafe.As<in6_addr, ulong>(ref Unsafe.AsRef(in address)), 1);
        _scope = scope;
    }

    /// <summary>Bytes of the native address: 16 or 28, or 0 for a default value.</summary>
    public int Length => _length;

    /// <summary>Is it a <c>sockaddr_in</c>?</summary>
    public bool IsIPv4 => _family == SocketConstants.AF_INET;

    /// <summary>Is it a <c>sockaddr_in6</c>?</summary>
    public bool IsIPv6 => _family == SocketConstants.AF_INET6;

    /// <summary>The port, in host order.</summary>
    public int Port => BinaryPrimitives.ReverseEndianness(_port);

    /// <summary>Is the address 0.0.0.0 or ::?</summary>
    public bool IsWildcard => IsIPv4 ? _ipv4 == 0 : (_ipv6High | _ipv6Low) == 0;

    /// <summary>The native address.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<SocketEndpoint>(in this))[.._length];

    internal int NativeFamily => _family;

    internal uint IPv4Address => _ipv4;

    internal uint ScopeId => _scope;

    [UnscopedRef]
    internal ref readonly in6_addr IPv6Address =>
        ref Unsafe.As<ulong, in6_addr>(ref Unsafe.AsRef(in _ipv6High));

    /// <summary>The managed endpoint, newly allocated.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> address = stackalloc byte[16];
        var length = WriteAddressBytes(address);
        return length switch
        {
            4 => new IPEndPoint(new IPAddress(address[..4]), Port),
            16 => new IPEndPoint(new IPAddress(address, _scope), Port),
            _ => throw new InvalidOperationException("An endpoint without an address."),
        };
    }

    /// <summary>
    /// Writes the address in network order and returns its length: 4 or 16, or 0 for a default value.
    /// </summary>
    public int WriteAddressBytes(Span<byte> destination)
    {
        if (IsIPv4)
        {
            MemoryMarshal.Write(destination, in _ipv4);
            return 4;
        }
        if (!IsIPv6)
            return 0;
        MemoryMarshal.Write(destination[8..], in _ipv6Low);
        MemoryMarshal.Write(destination, in _ipv6High);
        return 16;
    }

    /// <summary>The same port at an IPv4 address given in network order, as a control message tells it.</summary>
    internal SocketEndpoint WithAddress(uint address) => new(address, _port);

    /// <summary>The same port at an IPv6 address; the interface matters only to link-local addresses.</summary>
    internal SocketEndpoint WithAddress(in in6_addr address, uint interfaceIndex)
    {
        var high = Unsafe.As<in6_addr, ushort>(ref Unsafe.AsRef(in address));
        var linkLocal = (BinaryPrimitives.ReverseEndianness(high) & 0xffc0) == 0xfe80;
        return new SocketEndpoint(in address, _port, linkLocal ? interfaceIndex : 0);
    }

    /// <summary>
    /// Completes an endpoint that the kernel wrote in place: it writes only as many bytes as its family has, and the
    /// rest is left over from the message that used the slot before.
    /// </summary>
    internal static void Complete(ref SocketEndpoint endpoint, uint length)
    {
        if (length == IPv4Length)
            endpoint = new SocketEndpoint(endpoint._ipv4, endpoint._port);
        else if (length == MaxLength)
            Unsafe.AsRef(in endpoint._length) = MaxLength;
        else
            endpoint = default;
    }

    /// <summary>Equality without copying the other endpoint.</summary>
    internal bool Matches(in SocketEndpoint other) =>
        Unsafe.As<SocketEndpoint, Vector256<byte>>(ref Unsafe.AsRef(in this)) ==
        Unsafe.As<SocketEndpoint, Vector256<byte>>(ref Unsafe.AsRef(in other));

    /// <inheritdoc/>
    public bool Equals(SocketEndpoint other) => Matches(in other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SocketEndpoint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_head, _ipv6High, _ipv6Low, _scope);

    /// <summary>Address and port as people write them.</summary>
    public override string ToString() => _length == 0 ? "none" : ToIPEndPoint().ToString();

    /// <summary>Are they the same address, port and scope?</summary>
    public static bool operator ==(SocketEndpoint left, SocketEndpoint right) => left.Equals(right);

    /// <summary>Do they differ?</summary>
    public static bool operator !=(SocketEndpoint left, SocketEndpoint right) => !left.Equals(right);
}
