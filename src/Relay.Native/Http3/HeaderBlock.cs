namespace Relay.Native.Http3;

/// <summary>The fields of one request or response, to be submitted once. Reusable.</summary>
public sealed class HeaderBlock
{
    private byte[] _bytes = new byte[512];
    private (int Start, int NameLength, int ValueLength)[] _fields = new (int, int, int)[8];
    private int _used;

    /// <summary>How many fields there are.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all fields.</summary>
    public void Clear() => _used = Count = 0;

    /// <summary>Adds a field.</summary>
    /// <param name="name">In lower case (RFC 9114 §4.2); pseudo-header fields first.</param>
    /// <param name="value">Without line breaks.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var needed = _used + name.Length + value.Length;
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        if (Count == _fields.Length)
            Array.Resize(ref _fields, Count * 2);
        name.CopyTo(_bytes.AsSpan(_used));
        value.CopyTo(_bytes.AsSpan(_used + name.Length));
        _fields[Count++] = (_used, name.Length, value.Length);
        _used = needed;
    }

    /// <summary>Adds a field from text; every character must be ASCII.</summary>
    public void Add(ReadOnlySpan<byte> name, string value)
    {
        Span<byte> ascii = value.Length <= 512 ? stackalloc byte[value.Length] : new byte[value.Length];
        for (var i = 0; i < value.Length; i++)
            ascii[i] = value[i] < 0x80 ? (byte)value[i] : (byte)'?';
        Add(name, ascii);
    }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    internal ReadOnlySpan<(int Start, int NameLength, int ValueLength)> Fields => _fields.AsSpan(0, Count);
}
