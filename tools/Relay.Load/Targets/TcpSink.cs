using System.Buffers.Binary;
using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>
/// Takes what a <see cref="TransferRequest"/> announces, answers with its length and digest, and ends when the client
/// has ended.
/// </summary>
internal sealed class TcpSink(TargetLoop loop, StreamSocket socket) : TransferConnection(loop, socket)
{
    /// <summary>Bytes of the answer: a length and a digest.</summary>
    public const int AnswerLength = sizeof(long) + StreamDigest.Size;

    private readonly byte[] _answer = new byte[AnswerLength];
    private int _answered = -1;

    protected override bool Transfer(StreamDigest digest)
    {
        while (true)
        {
            var result = Socket.Receive(Buffer);
            if (result == -Errno.EAGAIN)
                return digest.Length < Request.Bytes || TryAnswer(digest);
            if (result < 0)
                return false;
            if (result == 0)
                return TryAnswer(digest) && _answered < AnswerLength;
            digest.Append(Buffer.AsSpan(0, result));
        }
    }

    /// <summary>Answers. False when the connection failed.</summary>
    private bool TryAnswer(StreamDigest digest)
    {
        if (_answered < 0)
        {
            _answered = 0;
            BinaryPrimitives.WriteInt64BigEndian(_answer, digest.Length);
            digest.Write(_answer.AsSpan(sizeof(long)));
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
