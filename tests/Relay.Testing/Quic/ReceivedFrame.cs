using static Relay.Testing.Quic.WireReader;

namespace Relay.Testing.Quic;

/// <summary>A frame of the other side.</summary>
/// <param name="Type">Its type; those of STREAM, ACK and DATAGRAM as they come.</param>
/// <param name="Numbers">Its integers in order; of ACK the first four only.</param>
/// <param name="Data">Its bytes, where it has some.</param>
public sealed record ReceivedFrame(ulong Type, IReadOnlyList<ulong> Numbers, byte[] Data)
{
    /// <summary>Whether it wants an acknowledgement (RFC 9000 §13.2).</summary>
    public bool IsEliciting => Type is not (0 or 2 or 3 or 0x1c or 0x1d);

    public bool IsStream => Type is >= 0x08 and <= 0x0f;

    public bool IsClose => Type is 0x1c or 0x1d;

    /// <summary>The frames of a packet; padding is left out.</summary>
    /// <exception cref="InvalidDataException">There is something else in it.</exception>
    public static List<ReceivedFrame> ReadAll(ReadOnlySpan<byte> payload)
    {
        var frames = new List<ReceivedFrame>();
        while (!payload.IsEmpty)
        {
            var type = Integer(ref payload);
            if (type != 0)
                frames.Add(Read(type, ref payload));
        }
        return frames;
    }

    private static ReceivedFrame Read(ulong type, ref ReadOnlySpan<byte> rest)
    {
        switch (type)
        {
            case 0x01 or 0x1e:
                return new(type, [], []);
            case 0x02 or 0x03:
                return Acknowledgement(type, ref rest);
            case 0x04:
                return new(type, Integers(ref rest, 3), []);
            case 0x05 or 0x11 or 0x15:
                return new(type, Integers(ref rest, 2), []);
            case 0x10 or 0x12 or 0x13 or 0x14 or 0x16 or 0x17 or 0x19:
                return new(type, Integers(ref rest, 1), []);
            case 0x06:
                return new(type, Integers(ref rest, 1), Block(ref rest));
            case 0x07:
                return new(type, [], Block(ref rest));
            case >= 0x08 and <= 0x0f:
                var numbers = new[] { Integer(ref rest), (type & 4) != 0 ? Integer(ref rest) : 0 };
                return new(type, numbers, Bytes(ref rest, (type & 2) != 0 ? Integer(ref rest) : (ulong)rest.Length));
            case 0x18:
                var ids = Integers(ref rest, 2);
                return new(type, ids, Bytes(ref rest, (ulong)Bytes(ref rest, 1)[0] + 16));
            case 0x1a or 0x1b:
                return new(type, [], Bytes(ref rest, 8));
            case 0x1c or 0x1d:
                return new(type, Integers(ref rest, type == 0x1c ? 2 : 1), Block(ref rest));
            case 0x30 or 0x31:
                return new(type, [], Bytes(ref rest, type == 0x31 ? Integer(ref rest) : (ulong)rest.Length));
            default:
                throw new InvalidDataException($"A frame of type {type:x}.");
        }
    }

    private static ReceivedFrame Acknowledgement(ulong type, ref ReadOnlySpan<byte> rest)
    {
        var numbers = Integers(ref rest, 4);
        Integers(ref rest, (int)(2 * numbers[2]) + (type == 0x03 ? 3 : 0));
        return new(type, numbers, []);
    }
}
