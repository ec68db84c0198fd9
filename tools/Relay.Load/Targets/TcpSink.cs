using System.Buffers.Binary;
using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>
/// Takes what a <see cref="TransferRequest"/> announces, answers with its length and digest, and ends when the client
/// has ended.
/// </summary>
internal sealed class TcpSink(TargetLoop loop, StreamSocket socket) : TcpTargetConnection(loop, socket)
{
    /// <summary>Bytes of the answer: a length and a digest.</summary>
    public const int AnswerLength = sizeof(long) + StreamDigest.Size;

    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly byte[] _request = new byte[TransferRequest.Length];
    private readonly byte[] _answer = new byte[AnswerLength];
    private StreamDigest? _digest;
    private long _expected;
    private int _requestLength;
    private int _answered = -1;

    protected override bool Continue()
    {
        while (true)
        {
            var result = Socket.Receive(_buffer);
            if (result == -Errno.EAGAIN)
                return TryAnswer(ended: false);
            if (result < 0)
                return false;
            if (result == 0)
                return TryAnswer(ended: true) && _answered < AnswerLength;
            if (!Take(_buffer.AsSpan(0, result)))
                return false;
        }
    }

    protected override void OnClosed() => _digest?.Dispose();

    private bool Take(ReadOnlySpan<byte> data)
    {
        if (_digest is null)
        {
            var part = Math.Min(data.Length, TransferRequest.Length - _requestLength);
            data[..part].CopyTo(_request.AsSpan(_requestLength));
            _requestLength += part;
            data = data[part..];
            if (_requestLength < TransferRequest.Length)
                return true;
            if (!TransferRequest.TryRead(_request, out var request))
                return false;
            _expected = request.Bytes;
            _digest = new StreamDigest(request.Verify);
        }
        _digest.Append(data);
        return true;
    }

    /// <summary>Answers when all is there, or the end came early. False when the connection failed.</summary>
    private bool TryAnswer(bool ended)
    {
        if (_digest is null || (_digest.Length < _expected && !ended))
            return _digest is not null || !ended;
        if (_answered < 0)
        {
            _answered = 0;
            BinaryPrimitives.WriteInt64BigEndian(_answer, _digest.Length);
            _digest.Write(_answer.AsSpan(sizeof(long)));
        }
        while (_answered < AnswerLength)
        {
            var sent = Socket.Send(_answer.AsSpan(_answered));
            if (sent < 0)
                return sent == -Errno.EAGAIN;
            _answered += sent;
            if (_answered == AnswerLength)
                _ = Socket.ShutdownWrite();
        }
        return true;
    }
}
