using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Relay.Load.Measure;

/// <summary>
/// A 64-bit checksum of a byte stream, faster than memory is read: four lanes of xor, multiply and rotate over words of
/// eight bytes. It finds what goes wrong by accident and does not depend on how the stream is cut.
/// </summary>
internal sealed class Checksum
{
    private const int Stripe = 32;
    private const ulong Prime1 = 0xd6e8feb86659fd93;
    private const ulong Prime2 = 0xa0761d6478bd642f;
    private const ulong Prime3 = 0xe7037ed1a0b428db;
    private const ulong Prime4 = 0x8ebc6af09c88c6e3;

    private readonly byte[] _tail = new byte[Stripe];
    private ulong _a = Prime1;
    private ulong _b = Prime2;
    private ulong _c = Prime3;
    private ulong _d = Prime4;
    private int _tailLength;

    /// <summary>Bytes so far.</summary>
    public ulong Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        Length += (ulong)data.Length;
        if (_tailLength > 0)
        {
            var part = Math.Min(Stripe - _tailLength, data.Length);
            data[..part].CopyTo(_tail.AsSpan(_tailLength));
            _tailLength += part;
            data = data[part..];
            if (_tailLength < Stripe)
                return;
            Mix(_tail);
            _tailLength = 0;
        }
        var whole = data.Length & ~(Stripe - 1);
        Mix(data[..whole]);
        data[whole..].CopyTo(_tail);
        _tailLength = data.Length - whole;
    }

    /// <summary>The checksum of all bytes so far; more may follow.</summary>
    public ulong Value
    {
        get
        {
            var result = Length * Prime1;
            result ^= Final(_a, Prime2) ^ Final(_b, Prime3) ^ Final(_c, Prime4) ^ Final(_d, Prime1);
            for (var i = 0; i < _tailLength; i++)
                result = BitOperations.RotateLeft((result ^ _tail[i]) * Prime2, 23);
            return Final(result, Prime3);
        }
    }

    private static ulong Final(ulong lane, ulong prime)
    {
        lane = (lane ^ (lane >> 32)) * prime;
        return lane ^ (lane >> 29);
    }

    private void Mix(ReadOnlySpan<byte> stripes)
    {
        var (a, b, c, d) = (_a, _b, _c, _d);
        var words = MemoryMarshal.Cast<byte, ulong>(stripes);
        for (; words.Length >= 4; words = words[4..])
        {
            a = BitOperations.RotateLeft((a ^ Little(words[0])) * Prime1, 29);
            b = BitOperations.RotateLeft((b ^ Little(words[1])) * Prime2, 31);
            c = BitOperations.RotateLeft((c ^ Little(words[2])) * Prime3, 33);
            d = BitOperations.RotateLeft((d ^ Little(words[3])) * Prime4, 27);
        }
        (_a, _b, _c, _d) = (a, b, c, d);
    }

    private static ulong Little(ulong word) =>
        BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
}
