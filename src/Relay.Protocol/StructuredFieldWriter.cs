using System.Text;

namespace Relay.Protocol;

/// <summary>
/// Writes an item with parameters as structured field text (RFC 8941 §4.1) into a span that may be too short.
/// </summary>
internal ref struct StructuredFieldWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>The bytes written, as far as they fit.</summary>
    public int Written { get; private set; }

    /// <summary>Whether something did not fit.</summary>
    public bool IsOverflown { get; private set; }

    /// <summary>A parameter whose value is an sf-token (RFC 8941 §4.1.7).</summary>
    public void WriteTokenParameter(string key, string token)
    {
        WriteKey(key);
        WriteRaw(token);
    }

    /// <summary>A parameter whose value is an sf-string (RFC 8941 §4.1.6).</summary>
    public void WriteStringParameter(string key, ReadOnlySpan<char> value)
    {
        WriteKey(key);
        WriteByte((byte)'"');
        foreach (var rune in value.EnumerateRunes())
            WriteStringRune(rune);
        WriteByte((byte)'"');
    }

    /// <summary>Text that is known to be ASCII and to need no escaping.</summary>
    public void WriteRaw(string text)
    {
        foreach (var character in text)
            WriteByte((byte)character);
    }

    private void WriteKey(string key)
    {
        // RFC 8941 §3.1.2 permits spaces after the semicolon, and RFC 9209 writes one in all of its examples.
        WriteRaw("; ");
        WriteRaw(key);
        WriteByte((byte)'=');
    }

    private void WriteStringRune(Rune rune)
    {
        // RFC 8941 §3.3.3: "%x20-21 / %x23-5B / %x5D-7E", and "\" before a quote or another "\".
        if (rune.Value is >= ' ' and <= '~')
        {
            if (rune.Value is '"' or '\\')
                WriteByte((byte)'\\');
            WriteByte((byte)rune.Value);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        var length = rune.EncodeToUtf8(utf8);
        foreach (var value in utf8[..length])
        {
            WriteByte((byte)'%');
            WriteByte("0123456789ABCDEF"u8[value >> 4]);
            WriteByte("0123456789ABCDEF"u8[value & 0xF]);
        }
    }

    private void WriteByte(byte value)
    {
        if (Written < _destination.Length)
            _destination[Written++] = value;
        else
            IsOverflown = true;
    }
}
