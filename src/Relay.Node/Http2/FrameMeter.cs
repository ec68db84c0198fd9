namespace Relay.Node.Http2;

/// <summary>
/// Reads the headers of frames (RFC 9113 §4.1) as they pass, before anybody works on what they say: what a client sends
/// is counted, whatever it is, known or not.
/// </summary>
internal struct FrameMeter
{
    private const int PrefaceLength = 24;
    private const int HeaderLength = 9;
    private const int MaxFrame = 16 * 1024;

    private int _prefaceSeen;
    private int _headerSeen;
    private int _payloadLeft;
    private int _length;
    private FrameType _type;
    private byte _flags;

    private enum FrameType : byte
    {
        Data,
        Headers,
        Priority,
        ResetStream,
        Settings,
        PushPromise,
        Ping,
        GoAway,
        WindowUpdate,
        Continuation,
    }

    /// <summary>Header sections that have begun.</summary>
    internal long Sections { get; private set; }

    /// <summary>Whether one has begun, and not all of it is there.</summary>
    internal bool IsInSection { get; private set; }

    /// <summary>Bytes that are left of the frame that has begun.</summary>
    internal readonly int PayloadLeft => _headerSeen == HeaderLength ? _payloadLeft : 0;

    /// <summary>Reads on.</summary>
    /// <returns>What the frames that begin here amount to.</returns>
    internal FrameCount Read(ReadOnlySpan<byte> data)
    {
        var count = new FrameCount();
        var preface = Math.Min(PrefaceLength - _prefaceSeen, data.Length);
        _prefaceSeen += preface;
        data = data[preface..];
        while (!data.IsEmpty)
        {
            if (_headerSeen == HeaderLength)
            {
                var payload = Math.Min(_payloadLeft, data.Length);
                _payloadLeft -= payload;
                data = data[payload..];
            }
            else
            {
                Take(data[0]);
                data = data[1..];
                if (_headerSeen == HeaderLength)
                    Begin(ref count);
            }
            if (_headerSeen == HeaderLength && _payloadLeft == 0)
                End();
        }
        return count;
    }

    private void Take(byte value)
    {
        switch (_headerSeen++)
        {
            case < 3:
                _length = (_length << 8) | value;
                break;
            case 3:
                _type = (FrameType)value;
                break;
            case 4:
                _flags = value;
                break;
        }
    }

    private void Begin(ref FrameCount count)
    {
        const byte padded = 0x8;
        _payloadLeft = _length;
        switch (_type)
        {
            case FrameType.Data:
                count.Bytes += _length;
                // One without a payload, which padding may hide.
                if (_length == 0 || (_flags & padded) != 0)
                    count.Control++;
                break;
            case FrameType.Headers:
                Sections++;
                IsInSection = true;
                break;
            case FrameType.ResetStream:
                count.Resets++;
                break;
            default:
                // What is ignored, as it is not known, has to be read all the same; what is too large, only up to here.
                count.Control += 1 + (Math.Min(_length, MaxFrame) / 1024);
                break;
        }
    }

    private void End()
    {
        const byte endHeaders = 0x4;
        if (_type is FrameType.Headers or FrameType.Continuation && (_flags & endHeaders) != 0)
            IsInSection = false;
        _headerSeen = _length = 0;
    }
}

/// <summary>What some frames amount to.</summary>
internal struct FrameCount
{
    /// <summary>Frames that carry nothing for a target; large ones count for several.</summary>
    internal int Control;

    /// <summary>RST_STREAM frames.</summary>
    internal int Resets;

    /// <summary>Bytes of DATA frames, announced.</summary>
    internal long Bytes;
}
