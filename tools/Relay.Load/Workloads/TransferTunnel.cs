using System.Buffers.Binary;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Targets;

namespace Relay.Load.Workloads;

/// <summary>One transferred stream, and what both ends say of it.</summary>
internal abstract class TransferTunnel(TransferWorkload run, ClientConnection connection)
    : TunnelStream(connection)
{
    private readonly byte[] _answer = new byte[TcpSink.AnswerLength];
    private int _answered;

    protected TransferWorkload Run { get; } = run;

    protected StreamDigest Digest { get; } = new(run.Options.Verify);

    /// <summary>The other end has told its digest.</summary>
    public bool IsComplete { get; private set; }

    public string LocalDigest => Digest.Hex();

    public string RemoteDigest =>
        StreamDigest.ToHex(_answer.AsSpan(AnswerLength - StreamDigest.Size), Run.Options.Verify);

    /// <summary>Length and digest agree.</summary>
    public bool IsVerified =>
        IsComplete && LengthMatches(_answer) && string.Equals(LocalDigest, RemoteDigest, StringComparison.Ordinal);

    protected abstract int AnswerLength { get; }

    protected abstract bool LengthMatches(ReadOnlySpan<byte> answer);

    /// <summary>Writes the request; the position in this side's stream follows it.</summary>
    protected int WriteRequest(Span<byte> destination)
    {
        new TransferRequest(Run.Options.BytesPerFlow, Run.Options.Verify).Write(destination);
        return TransferRequest.Length;
    }

    protected void TakeAnswer(ReadOnlySpan<byte> data)
    {
        var part = Math.Min(data.Length, AnswerLength - _answered);
        data[..part].CopyTo(_answer.AsSpan(_answered));
        _answered += part;
        if (part == 0 || _answered < AnswerLength)
            return;
        IsComplete = true;
        Run.OnComplete();
        Client.QueueResume(this);
    }
}

/// <summary>From the target: asks, receives, and gets the target's digest behind the last byte.</summary>
internal sealed class TransferDownTunnel(TransferWorkload run, ClientConnection connection)
    : TransferTunnel(run, connection)
{
    private bool _asked;

    protected override int AnswerLength => StreamDigest.Size;

    protected override bool LengthMatches(ReadOnlySpan<byte> answer) => Digest.Length == Run.Options.BytesPerFlow;

    protected override int PullBody(Span<byte> destination)
    {
        if (IsComplete)
            return EndOfBody;
        if (_asked || !Run.MayTransfer)
            return 0;
        _asked = true;
        return WriteRequest(destination);
    }

    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        Consume(data.Length);
        var part = (int)Math.Min(Run.Options.BytesPerFlow - Digest.Length, data.Length);
        Digest.Append(data[..part]);
        Run.OnBytes(part);
        TakeAnswer(data[part..]);
    }
}

/// <summary>To the target: announces, sends, half-closes, and gets the target's length and digest.</summary>
internal sealed class TransferUpTunnel(TransferWorkload run, ClientConnection connection)
    : TransferTunnel(run, connection)
{
    private bool _announced;

    protected override int AnswerLength => TcpSink.AnswerLength;

    protected override bool LengthMatches(ReadOnlySpan<byte> answer) =>
        BinaryPrimitives.ReadInt64BigEndian(answer) == Run.Options.BytesPerFlow;

    protected override int PullBody(Span<byte> destination)
    {
        if (!Run.MayTransfer)
            return 0;
        if (!_announced)
        {
            _announced = true;
            return WriteRequest(destination);
        }
        var length = (int)Math.Min(Run.Options.BytesPerFlow - Digest.Length, destination.Length);
        if (length == 0)
            return EndOfBody;
        BytePattern.FillStream(destination[..length], Digest.Length);
        Digest.Append(destination[..length]);
        Run.OnBytes(length);
        return length;
    }

    protected override void OnBody(ReadOnlySpan<byte> data)
    {
        Consume(data.Length);
        TakeAnswer(data);
    }
}
