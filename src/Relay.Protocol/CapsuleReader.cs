using System.Buffers;

namespace Relay.Protocol;

/// <summary>
/// Finds the DATAGRAM capsules in the data stream of a UDP tunnel, however the stream is cut into pieces, and skips
/// all other capsules (RFC 9297 §3.2, RFC 9298 §5).
/// </summary>
/// <remarks>
/// A capsule that lies in one piece of input is handed out without a copy. Only a DATAGRAM capsule that is split is
/// collected, in a pooled buffer that grows with what has arrived (never with what was announced) up to
/// <see cref="MaxCapsuleValue"/> bytes, and is given back with the next call. Not thread-safe.
/// </remarks>
public sealed class CapsuleReader
{
    /// <summary>
    /// The longest capsule value that is collected, in bytes: a UDP payload behind a context ID in its longest
    /// encoding.
    /// </summary>
    public const int MaxCapsuleValue = VariableLengthInteger.MaxLength + HttpDatagram.MaxUdpPayload;

    private const int FirstBufferSize = 2048;

    private enum State
    {
        Type,
        Length,
        OversizedContextId,
        Value,
        Skip,
        Failed,
    }

    private State _state;
    private PartialInteger _integer;
    private ulong _type;

    // Of the capsule at hand: what is still to come of its value when skipping, else its whole length.
    private ulong _length;

    private byte[]? _buffer;
    private int _buffered;

    /// <summary>
    /// Whether the input so far ends where a capsule ends. If false at the end of the stream, the last capsule was
    /// truncated and the message is malformed (RFC 9297 §3.3).
    /// </summary>
    public bool IsAtBoundary => _state == State.Type && !_integer.IsStarted;

    /// <summary>The memory held at this moment to collect a split capsule, in bytes: 0 to 65536.</summary>
    public int BufferSize => _buffer?.Length ?? 0;

    /// <summary>
    /// Reads up to the end of the next DATAGRAM capsule; call in a loop until <see cref="CapsuleReadResult.NeedMore"/>.
    /// </summary>
    /// <param name="source">The next bytes of the stream; advanced past what was read.</param>
    /// <param name="payload">
    /// With <see cref="CapsuleReadResult.Datagram"/>, the capsule's value: context ID and UDP payload, 0 to
    /// <see cref="MaxCapsuleValue"/> bytes, valid until the next call and as long as <paramref name="source"/> is. The
    /// caller reads the context ID (a value too short to hold one is a malformed message, RFC 9297 §3.3) and drops what
    /// it does not know. Otherwise empty.
    /// </param>
    /// <returns>What was found.</returns>
    public CapsuleReadResult Read(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_state == State.Type)
            ReturnBuffer();

        while (true)
        {
            switch (_state)
            {
                case State.Type:
                    if (!_integer.TryRead(ref source, out _type))
                        return CapsuleReadResult.NeedMore;
                    _state = State.Length;
                    break;

                case State.Length:
                    if (!_integer.TryRead(ref source, out _length))
                        return CapsuleReadResult.NeedMore;
                    _state = StateAfterHeader();
                    break;

                case State.OversizedContextId:
                    if (!TryCheckOversized(ref source))
                        return CapsuleReadResult.NeedMore;
                    break;

                case State.Value:
                    return TryTakeValue(ref source, out payload)
                        ? CapsuleReadResult.Datagram
                        : CapsuleReadResult.NeedMore;

                case State.Skip:
                    var skipped = (int)Math.Min(_length, (ulong)source.Length);
                    source = source[skipped..];
                    _length -= (ulong)skipped;
                    if (_length > 0)
                        return CapsuleReadResult.NeedMore;
                    _state = State.Type;
                    break;

                default:
                    return CapsuleReadResult.PayloadTooLarge;
            }
        }
    }

    /// <summary>Gives back the buffer and forgets everything read, as if the reader were new.</summary>
    public void Release()
    {
        ReturnBuffer();
        _state = State.Type;
        _integer = default;
    }

    private State StateAfterHeader()
    {
        // RFC 9297 §3.2: who receives an unknown Capsule Type "MUST silently drop that Capsule and skip over it to
        // parse the next Capsule".
        if (_type != CapsuleType.Datagram)
            return State.Skip;

        return _length <= HttpDatagram.MaxUdpPayload + 1 ? State.Value : State.OversizedContextId;
    }

    // The capsule is too long for a UDP payload behind a one-byte context ID; whether that is a violation depends on
    // the context ID and on how many bytes it takes.
    private bool TryCheckOversized(ref ReadOnlySpan<byte> source)
    {
        ulong contextId;
        int contextIdLength;
        if (_buffered > 0 || !HttpDatagram.ReadContextId(source, out contextId, out contextIdLength))
        {
            do
            {
                if (source.IsEmpty)
                    return false;
                Collect(ref source, 1);
            }
            while (!HttpDatagram.ReadContextId(_buffer.AsSpan(0, _buffered), out contextId, out contextIdLength));
        }

        if (contextId == HttpDatagram.UdpPayloadContextId
            && _length - (ulong)contextIdLength > HttpDatagram.MaxUdpPayload)
        {
            // RFC 9298 §5: "An endpoint that receives an HTTP Datagram using Context ID zero whose UDP Proxying Payload
            // field is longer than 65527 MUST abort the corresponding stream."
            ReturnBuffer();
            _state = State.Failed;
        }
        else if (_length > MaxCapsuleValue)
        {
            // RFC 9297 §3.5: "if an incoming DATAGRAM capsule has a length that is known to be so large as to not be
            // usable, the implementation SHOULD discard the capsule without buffering its contents into memory."
            _length -= (ulong)_buffered;
            ReturnBuffer();
            _state = State.Skip;
        }
        else
        {
            _state = State.Value;
        }

        return true;
    }

    private bool TryTakeValue(ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> payload)
    {
        var length = (int)_length;
        if (_buffered == 0 && source.Length >= length)
        {
            payload = source[..length];
            source = source[length..];
            _state = State.Type;
            return true;
        }

        Collect(ref source, Math.Min(length - _buffered, source.Length));
        if (_buffered < length)
        {
            payload = default;
            return false;
        }

        payload = _buffer.AsSpan(0, length);
        _state = State.Type;
        return true;
    }

    private void Collect(ref ReadOnlySpan<byte> source, int count)
    {
        var needed = _buffered + count;
        if (needed > BufferSize)
        {
            var size = Math.Min(Math.Max(needed, Math.Max(FirstBufferSize, BufferSize * 2)), MaxCapsuleValue);
            var larger = ArrayPool<byte>.Shared.Rent(size);
            _buffer.AsSpan(0, _buffered).CopyTo(larger);
            if (_buffer is not null)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        source[..count].CopyTo(_buffer.AsSpan(_buffered));
        source = source[count..];
        _buffered = needed;
    }

    private void ReturnBuffer()
    {
        if (_buffer is not null)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
        _buffered = 0;
    }
}
