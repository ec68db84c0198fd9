namespace Relay.Protocol;

/// <summary>
/// Follows the unidirectional stream of a client, and where that is the control stream (RFC 9114 §6.2.1) finds faults of
/// frames with an identifier: their layout (§7.1), and the order of identifiers (§5.2, §7.2.3, §7.2.7). Everything else
/// on it is for others to check.
/// </summary>
public sealed class ClientControlStream
{
    private const ulong ControlType = 0x00;
    private const ulong CancelPush = 0x03;
    private const ulong Settings = 0x04;
    private const ulong GoAway = 0x07;
    private const ulong MaxPushId = 0x0d;

    private enum State
    {
        StreamType,
        FrameType,
        Length,
        Identifier,
        Skip,
        Foreign,
    }

    private State _state;
    private PartialInteger _integer;
    private ulong _type;
    private ulong _left;
    private ulong? _goAway;
    private ulong? _maxPushId;
    private bool _hasSettings;

    /// <summary>Reads on.</summary>
    /// <param name="data">The next bytes of the stream.</param>
    /// <returns>An error code of <see cref="Http3ErrorCode"/> that the connection is to end with; null for none.</returns>
    public ulong? Read(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            switch (_state)
            {
                case State.Foreign:
                    return null;
                case State.Skip:
                    var skipped = (int)Math.Min(_left, (ulong)data.Length);
                    data = data[skipped..];
                    _left -= (ulong)skipped;
                    _state = _left == 0 ? State.FrameType : State.Skip;
                    break;
                case State.Identifier:
                    // RFC 9114 §7.1: "A frame payload that contains additional bytes after the identified fields or … that
                    // terminates before the end of the identified fields MUST be treated as … H3_FRAME_ERROR."
                    var payload = data[..(int)Math.Min(_left, (ulong)data.Length)];
                    var rest = payload;
                    var complete = _integer.TryRead(ref rest, out var id);
                    _left -= (ulong)(payload.Length - rest.Length);
                    data = data[(payload.Length - rest.Length)..];
                    if (complete != (_left == 0))
                        return Http3ErrorCode.FrameError;
                    if (complete && Judge(id) is { } error)
                        return error;
                    break;
                default:
                    if (_integer.TryRead(ref data, out var value) && Advance(value) is { } fault)
                        return fault;
                    break;
            }
        }
        return null;
    }

    private ulong? Advance(ulong value)
    {
        switch (_state)
        {
            case State.StreamType:
                _state = value == ControlType ? State.FrameType : State.Foreign;
                break;
            case State.FrameType:
                // That SETTINGS come first (RFC 9114 §6.2.1) is for others to say.
                _hasSettings |= value == Settings;
                _type = value;
                _state = _hasSettings ? State.Length : State.Foreign;
                break;
            default:
                _left = value;
                if (_type is not (CancelPush or GoAway or MaxPushId))
                    _state = _left == 0 ? State.FrameType : State.Skip;
                else if (_left == 0)
                    return Http3ErrorCode.FrameError;
                else
                    _state = State.Identifier;
                break;
        }
        return null;
    }

    private ulong? Judge(ulong id)
    {
        _state = State.FrameType;
        switch (_type)
        {
            // RFC 9114 §7.2.3: "a CANCEL_PUSH frame for a push ID that has not yet been mentioned by a PUSH_PROMISE frame …
            // MUST be treated as a connection error of type H3_ID_ERROR". A relay promises nothing.
            case CancelPush:
            // §7.2.7: "A MAX_PUSH_ID frame cannot reduce the maximum push ID".
            case MaxPushId when id < _maxPushId:
            // §5.2: "Receiving a GOAWAY containing a larger identifier than previously received".
            case GoAway when id > _goAway:
                return Http3ErrorCode.IdError;
            case MaxPushId:
                _maxPushId = id;
                return null;
            default:
                _goAway = id;
                return null;
        }
    }
}
