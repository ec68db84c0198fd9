using System.Buffers;
using System.Text;

namespace Relay.Protocol;

/// <summary>
/// Reads the head of one request of HTTP/1.1, its request line and its fields, however it is cut into pieces (RFC 9112
/// §2, §3, §5). Takes one spelling of each thing only: what two recipients might read differently is a fault.
/// </summary>
/// <remarks>
/// What has arrived is collected in a pooled buffer, which grows with it and is given back by <see cref="Release"/>.
/// Not thread-safe.
/// </remarks>
/// <param name="maxSize">The largest head, in bytes, 1 and up: both lines' ends and the empty line are counted.</param>
/// <param name="maxFields">The most fields, 0 and up.</param>
public sealed class Http1RequestReader(int maxSize, int maxFields)
{
    private const int FirstBufferSize = 1024;

    private byte[] _buffer = [];
    private int _used;
    private int _lineStart;
    private bool _skippedEmptyLine;
    private Range _method;
    private Range _target;
    private (Range Name, Range Value)[] _fields = [];

    /// <summary>Why the head cannot be one; none before.</summary>
    public RequestFault Fault { get; private set; }

    /// <summary>Whether a byte has arrived.</summary>
    public bool HasBegun => _used > 0;

    /// <summary>
    /// The method; a token. Valid, as all that follows, once the head is complete, until <see cref="Release"/>.
    /// </summary>
    public ReadOnlySpan<byte> Method => _buffer.AsSpan(_method);

    /// <summary>The request target, not empty: visible characters of ASCII, in whatever form (RFC 9112 §3.2).</summary>
    public ReadOnlySpan<byte> Target => _buffer.AsSpan(_target);

    /// <summary>The minor version: 0 for HTTP/1.0, else the request is one of HTTP/1.1 (RFC 9110 §2.5).</summary>
    public int MinorVersion { get; private set; }

    /// <summary>How many fields there are.</summary>
    public int FieldCount { get; private set; }

    /// <summary>The name of a field, a token in lower case.</summary>
    /// <param name="index">0 and up, in order of arrival.</param>
    public ReadOnlySpan<byte> GetName(int index) => _buffer.AsSpan(_fields[index].Name);

    /// <summary>The value of a field, without the whitespace around it.</summary>
    /// <param name="index">0 and up, in order of arrival.</param>
    public ReadOnlySpan<byte> GetValue(int index) => _buffer.AsSpan(_fields[index].Value);

    /// <summary>Reads the next bytes; not to be called once the head is complete or has failed.</summary>
    /// <param name="source">The next bytes of the connection.</param>
    /// <param name="consumed">With <see cref="Http1ReadResult.Complete"/>, how many of them belong to the head.</param>
    /// <returns>What was found.</returns>
    public Http1ReadResult Read(ReadOnlySpan<byte> source, out int consumed)
    {
        consumed = 0;
        while (consumed < source.Length)
        {
            var rest = source[consumed..];
            var line = rest[..(rest.IndexOf((byte)'\n') + 1)];
            var part = line.IsEmpty ? rest : line;
            if (part.Length > maxSize - _used)
                part = part[..(maxSize - _used)];
            Append(part);
            consumed += part.Length;
            if (part.Length == line.Length && IsEnd())
                return Fault == RequestFault.None ? Http1ReadResult.Complete : Http1ReadResult.Failed;
            // RFC 9112 §3: 414 for a target "longer than any URI it wishes to parse"; RFC 6585 §5: 431.
            if (_used == maxSize)
                Fail(HasRequestLine ? RequestFault.HeadersTooLarge : RequestFault.TargetTooLong);
            if (Fault != RequestFault.None)
                return Http1ReadResult.Failed;
        }
        return Http1ReadResult.NeedMore;
    }

    /// <summary>
    /// Gives back the buffer and forgets everything read, as if the reader were new; credentials are overwritten.
    /// </summary>
    public void Release()
    {
        Return();
        _buffer = [];
        _fields = [];
        (_used, _lineStart, FieldCount, MinorVersion) = (0, 0, 0, 0);
        (_method, _target, _skippedEmptyLine) = (default, default, false);
        Fault = RequestFault.None;
    }

    private bool HasRequestLine => _target.End.Value > 0;

    /// <summary>A line is complete.</summary>
    /// <returns>Whether the head is: at its end, or with a fault.</returns>
    private bool IsEnd()
    {
        var line = _lineStart.._used;
        _lineStart = _used;
        // RFC 9112 §2.2 lets a recipient take a lone LF for the end of a line, and no lone CR: neither is taken.
        var text = _buffer.AsSpan(line);
        if (text.Length < 2 || text.IndexOf((byte)'\r') != text.Length - 2)
            return Fail(RequestFault.MalformedMessage);
        line = line.Start..(_used - 2);
        if (!HasRequestLine)
        {
            if (text.Length > 2)
                return ReadRequestLine(line);
            // RFC 9112 §2.2: "SHOULD ignore at least one empty line (CRLF) received prior to the request-line".
            var second = _skippedEmptyLine;
            _skippedEmptyLine = true;
            return second && Fail(RequestFault.MalformedMessage);
        }
        return text.Length == 2 || ReadField(line);
    }

    /// <summary>RFC 9112 §3: three parts with one space between.</summary>
    private bool ReadRequestLine(Range line)
    {
        var (start, length) = line.GetOffsetAndLength(_used);
        var text = _buffer.AsSpan(start, length);
        var methodEnd = text.IndexOf((byte)' ');
        var targetEnd = text.LastIndexOf((byte)' ');
        if (methodEnd < 0 || targetEnd <= methodEnd + 1 || !AsciiText.IsToken(text[..methodEnd])
            || text[(methodEnd + 1)..targetEnd].IndexOfAnyExceptInRange((byte)'!', (byte)'~') >= 0)
            return Fail(RequestFault.MalformedMessage);
        var version = text[(targetEnd + 1)..];
        if (version is not [.., >= (byte)'0' and <= (byte)'9', (byte)'.', >= (byte)'0' and <= (byte)'9']
            || version.Length != 8 || !version.StartsWith("HTTP/"u8))
            return Fail(RequestFault.MalformedMessage);
        if (version[5] != '1')
            return Fail(RequestFault.UnsupportedVersion);
        _method = start..(start + methodEnd);
        _target = (start + methodEnd + 1)..(start + targetEnd);
        MinorVersion = version[7] - '0';
        return false;
    }

    /// <summary>RFC 9112 §5: a name, a colon right behind it, and a value, all in one line.</summary>
    private bool ReadField(Range line)
    {
        var (start, length) = line.GetOffsetAndLength(_used);
        var text = _buffer.AsSpan(start, length);
        var colon = text.IndexOf((byte)':');
        if (colon < 0 || !AsciiText.IsToken(text[..colon]) || !AsciiText.IsFieldValue(text[(colon + 1)..]))
            return Fail(RequestFault.MalformedField);
        if (FieldCount == maxFields)
            return Fail(RequestFault.HeadersTooLarge);
        var name = text[..colon];
        _ = Ascii.ToLowerInPlace(name, out _);
        var trimmed = AsciiText.TrimWhitespace(text[(colon + 1)..]);
        var valueStart = trimmed.IsEmpty
            ? start + length : start + colon + 1 + text[(colon + 1)..].IndexOfAnyExcept(" \t"u8);
        if (FieldCount == _fields.Length)
            Array.Resize(ref _fields, Math.Max(16, 2 * FieldCount));
        _fields[FieldCount++] = (start..(start + colon), valueStart..(valueStart + trimmed.Length));
        return false;
    }

    private bool Fail(RequestFault fault)
    {
        Fault = fault;
        return true;
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (_buffer.Length - _used < part.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(
                Math.Max(_used + part.Length, Math.Max(FirstBufferSize, 2 * _buffer.Length)));
            _buffer.AsSpan(0, _used).CopyTo(larger);
            Return();
            _buffer = larger;
        }
        part.CopyTo(_buffer.AsSpan(_used));
        _used += part.Length;
    }

    private void Return()
    {
        _buffer.AsSpan(0, _used).Clear();
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
    }
}
