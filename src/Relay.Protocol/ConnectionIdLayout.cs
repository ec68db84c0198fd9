using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Protocol;

/// <summary>
/// The connection IDs that a node issues, and how they are found in a packet of any QUIC version (RFC 8999 §5).
/// </summary>
/// <remarks>
/// Seven bytes: the event loop (1), the node (2, big endian), random (4). The loop comes first, where the kernel's
/// reuseport program finds it; the node next, where a load balancer can. Not one byte more: 1200 bytes of payload, which
/// a QUIC handshake within a tunnel needs (RFC 9000 §14.1), then just fit into a packet of 1232 bytes, which is what
/// IPv6 carries at its least MTU.
/// </remarks>
public static class ConnectionIdLayout
{
    /// <summary>The length of a connection ID that a node issues, in bytes.</summary>
    public const int Length = 7;

    /// <summary>The length of the random part, in bytes.</summary>
    public const int RandomLength = 4;

    /// <summary>The largest node identifier, 2^16-1.</summary>
    public const uint MaxNodeId = 0xFFFF;

    private const int NodeOffset = 1;

    private const int LongHeaderVersionOffset = 1;
    private const int LongHeaderLengthOffset = 5;
    private const int LongHeaderConnectionIdOffset = 6;
    private const int ShortHeaderConnectionIdOffset = 1;

    /// <summary>
    /// A node's identifier: the first two bytes of the SHA-256 of its name, so that a load balancer's table can be
    /// made without asking the node, and holds when the node restarts.
    /// </summary>
    /// <param name="name">The node's name.</param>
    /// <returns>0 to <see cref="MaxNodeId"/>.</returns>
    public static uint NodeIdOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash);
    }

    /// <summary>Writes a connection ID.</summary>
    /// <param name="destination">
    /// At least <see cref="Length"/> bytes, of which the first <see cref="Length"/> are written.
    /// </param>
    /// <param name="loop">The index of the event loop, 0 to 255.</param>
    /// <param name="nodeId">0 to <see cref="MaxNodeId"/>.</param>
    /// <param name="random">Exactly <see cref="RandomLength"/> unpredictable bytes (RFC 9000 §5.1).</param>
    /// <exception cref="ArgumentException">A span is of the wrong length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The node identifier is above <see cref="MaxNodeId"/>.</exception>
    public static void Write(Span<byte> destination, byte loop, uint nodeId, ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodeId, MaxNodeId);
        if (destination.Length < Length)
            throw new ArgumentException("The destination is shorter than a connection ID.", nameof(destination));
        if (random.Length != RandomLength)
            throw new ArgumentException("The random part is not of its fixed length.", nameof(random));

        destination[0] = loop;
        BinaryPrimitives.WriteUInt16BigEndian(destination[NodeOffset..], (ushort)nodeId);
        random.CopyTo(destination[(Length - RandomLength)..]);
    }

    /// <summary>Reads the loop and the node out of a connection ID.</summary>
    /// <param name="connectionId">A whole connection ID; it may be the client's own choice, of any length.</param>
    /// <param name="loop">The index of the event loop, 0 to 255, not checked against the loops there are.</param>
    /// <param name="nodeId">0 to <see cref="MaxNodeId"/>, not checked against this node's.</param>
    /// <returns>False when the connection ID is not <see cref="Length"/> bytes long, so no node issued it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> connectionId, out byte loop, out uint nodeId)
    {
        if (connectionId.Length != Length)
        {
            loop = 0;
            nodeId = 0;
            return false;
        }

        loop = connectionId[0];
        nodeId = BinaryPrimitives.ReadUInt16BigEndian(connectionId[NodeOffset..]);
        return true;
    }

    /// <summary>Finds the destination connection ID of a packet that a client sent to a node.</summary>
    /// <param name="packet">A UDP payload, starting with a QUIC packet.</param>
    /// <param name="connectionId">
    /// A slice of <paramref name="packet"/>: 0 to 255 bytes with a long header, whatever the version, and
    /// <see cref="Length"/> bytes with a short one; empty when the result is false.
    /// </param>
    /// <returns>False when the packet is too short to hold its connection ID; it is to be dropped.</returns>
    public static bool TryReadDestination(ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> connectionId)
    {
        connectionId = default;
        int offset;
        int length;
        if (IsLongHeader(packet))
        {
            // RFC 8999 §5.1: flags (1), version (4), the length of the destination connection ID (1), and the ID.
            if (packet.Length < LongHeaderConnectionIdOffset)
                return false;
            offset = LongHeaderConnectionIdOffset;
            length = packet[LongHeaderLengthOffset];
        }
        else
        {
            // RFC 8999 §5.2: "The length of the Destination Connection ID is not encoded in packets with a short
            // header", so it is that of the IDs a node issues.
            offset = ShortHeaderConnectionIdOffset;
            length = Length;
        }

        if (packet.Length - offset < length)
            return false;
        connectionId = packet.Slice(offset, length);
        return true;
    }

    /// <summary>
    /// Whether a packet has a long header: the most significant bit of its first byte (RFC 8999 §5.1).
    /// </summary>
    /// <param name="packet">A UDP payload; false when empty.</param>
    public static bool IsLongHeader(ReadOnlySpan<byte> packet) => !packet.IsEmpty && (packet[0] & 0x80) != 0;

    /// <summary>Reads the version of a packet with a long header (RFC 8999 §5.1).</summary>
    /// <param name="packet">A UDP payload, starting with a QUIC packet.</param>
    /// <param name="version">
    /// The version; 0 is Version Negotiation (RFC 8999 §6), and also the value when the result is false.
    /// </param>
    /// <returns>False when the packet has a short header or is too short.</returns>
    public static bool TryReadVersion(ReadOnlySpan<byte> packet, out uint version)
    {
        version = 0;
        return IsLongHeader(packet)
            && BinaryPrimitives.TryReadUInt32BigEndian(packet[LongHeaderVersionOffset..], out version);
    }
}
