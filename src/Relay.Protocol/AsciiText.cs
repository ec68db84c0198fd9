namespace Relay.Protocol;

/// <summary>The character classes of the URI and HTTP grammars (RFC 3986 §2, RFC 9110 §5).</summary>
internal static class AsciiText
{
    public static bool IsDigit(byte value) => value is >= (byte)'0' and <= (byte)'9';

    public static bool IsUpper(byte value) => value is >= (byte)'A' and <= (byte)'Z';

    public static bool IsLetterOrDigit(byte value) => char.IsAsciiLetterOrDigit((char)value);

    /// <summary>0 to 15, or -1 when the byte is not a hexadecimal digit.</summary>
    public static int HexValue(byte value) => value switch
    {
        >= (byte)'0' and <= (byte)'9' => value - '0',
        >= (byte)'a' and <= (byte)'f' => value - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => value - 'A' + 10,
        _ => -1,
    };

    /// <summary>RFC 3986 §2.3.</summary>
    public static bool IsUnreserved(byte value) => IsLetterOrDigit(value) || "-._~"u8.Contains(value);

    /// <summary>RFC 9110 §5.6.2: a token of at least one tchar.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (!IsLetterOrDigit(value) && !"!#$%&'*+-.^_`|~"u8.Contains(value))
                return false;
        }

        return !text.IsEmpty;
    }

    /// <summary>RFC 9110 §5.5: a field value has no control characters but tabs.</summary>
    public static bool IsFieldValue(ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (value is (< (byte)' ' and not (byte)'\t') or 0x7F)
                return false;
        }

        return true;
    }

    /// <summary>RFC 9110 §5.6.3: without the optional whitespace at either end.</summary>
    public static ReadOnlySpan<byte> TrimWhitespace(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
