namespace Relay.Protocol;

/// <summary>A variable-length integer that may arrive in pieces (RFC 9000 §16); keeps what has arrived of it.</summary>
internal struct PartialInteger
{
    private ulong _value;
    private int _missing;

    /// <summary>Whether a part, but not all, of an integer has been read.</summary>
    public readonly bool IsStarted => _missing > 0;

    /// <summary>
    /// Reads as much of the integer as there is; when it is complete, the next call starts another one.
    /// </summary>
    /// <param name="source">Advanced past what was read; empty when the result is false.</param>
    /// <param name="value">The integer when the result is true, else 0.</param>
    public bool TryRead(ref ReadOnlySpan<byte> source, out ulong value)
    {
        if (_missing == 0 && VariableLengthInteger.TryRead(source, out value, out var consumed))
        {
            source = source[consumed..];
            return true;
        }

        value = 0;
        if (source.IsEmpty)
            return false;

        var read = 0;
        if (_missing == 0)
        {
            _missing = (1 << (source[0] >> 6)) - 1;
            _value = source[0] & 0x3FUL;
            read = 1;
        }

        for (; _missing > 0 && read < source.Length; read++, _missing--)
            _value = (_value << 8) | source[read];

        source = source[read..];
        if (_missing > 0)
            return false;

        value = _value;
        return true;
    }
}
