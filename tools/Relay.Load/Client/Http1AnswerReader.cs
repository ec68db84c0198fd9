using System.Buffers.Text;
using System.Text;

namespace Relay.Load.Client;

/// <summary>Reads the head of an answer of HTTP/1.1 (RFC 9112 §4), however it is cut into pieces.</summary>
internal sealed class Http1AnswerReader
{
    private const int MaxHead = 64 * 1024;

    private byte[] _bytes = new byte[1024];
    private int _length;
    private int _status;

    /// <summary>The empty line was read, and the status line makes sense.</summary>
    public bool IsComplete => _status != 0;

    /// <summary>It is none, or too long.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Reads up to the end of the head.</summary>
    /// <returns>How many bytes were its.</returns>
    public int Read(ReadOnlySpan<byte> data)
    {
        var before = _length;
        while (_bytes.Length < before + data.Length)
            Array.Resize(ref _bytes, 2 * _bytes.Length);
        data.CopyTo(_bytes.AsSpan(before));
        _length += data.Length;
        // The end may have begun in the piece before.
        var from = Math.Max(0, before - 3);
        var end = _bytes.AsSpan(from, _length - from).IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            HasFailed = _length > MaxHead;
            return data.Length;
        }
        _length = from + end + 4;
        var line = _bytes.AsSpan(0, _length);
        var isHttp = line.StartsWith("HTTP/1."u8) && line.Length > 12 && line[8] == ' '
            && Utf8Parser.TryParse(line.Slice(9, 3), out _status, out var digits) && digits == 3 && _status >= 100;
        HasFailed = !isHttp;
        if (HasFailed)
            _status = 0;
        return _length - before;
    }

    /// <summary>Tells a tunnel what was read, and is ready for another head.</summary>
    /// <param name="tunnel">What asked.</param>
    /// <param name="upgrades">Whether it asked for an upgrade, which 101 alone is.</param>
    public void Tell(TunnelStream tunnel, bool upgrades)
    {
        var status = _status;
        ReadOnlySpan<byte> head = _bytes.AsSpan(0, _length);
        tunnel.TakeHeader(":status"u8, head.Slice(9, 3));
        head = head[(head.IndexOf("\r\n"u8) + 2)..];
        int end;
        while ((end = head.IndexOf("\r\n"u8)) > 0)
        {
            var line = head[..end];
            var colon = line.IndexOf((byte)':');
            if (colon > 0)
            {
                var name = new byte[colon];
                Ascii.ToLower(line[..colon], name, out _);
                tunnel.TakeHeader(name, line[(colon + 1)..].Trim(" \t"u8));
            }
            head = head[(end + 2)..];
        }
        _status = _length = 0;
        if (status is >= 200 or 101)
            tunnel.TakeHead(opens: upgrades ? status == 101 : status is >= 200 and < 300);
    }
}
