using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Protocol;

namespace Relay.Node.Tests.Streams;

/// <summary>A protocol that takes whatever comes, has as much to say as a test wants, and tells when it had its turns.</summary>
/// <param name="client">The connection.</param>
/// <param name="stream">The way of its bytes.</param>
/// <param name="done">Takes each piece of what it was given, or gave.</param>
internal sealed class FakeProtocol(ClientConnection client, IByteStream stream, List<(FakeProtocol, int)> done)
    : StreamProtocol(client, stream)
{
    private bool _over;

    /// <summary>Bytes that it has to say.</summary>
    public long Left { get; private set; }

    /// <summary>Bytes that it says nobody takes.</summary>
    public long Untaken { get; set; }

    /// <summary>Whether it says that it gives windows.</summary>
    public bool IsWindowed { get; set; }

    /// <summary>How many streams it says that it has.</summary>
    public int Streams { get; set; }

    /// <summary>Bytes that it was given.</summary>
    public long Received { get; private set; }

    /// <summary>What happens when it is given bytes, or asked for some.</summary>
    public Action Act { get; set; } = static () => { };

    /// <summary>What its end throws.</summary>
    public Exception? DisposeFault { get; set; }

    internal override HttpProtocol Version => HttpProtocol.Http11;

    internal override int StreamCount => Streams;

    internal override long Unconsumed => Untaken;

    internal override bool TakesBytes => true;

    internal override bool HasWindows => IsWindowed;

    internal override bool HasEnded => _over;

    internal override bool IsOver => _over;

    internal override bool EndsWithClient => false;

    internal override bool HasFailed => false;

    internal override CloseFacts? Facts => null;

    public void Say(long length)
    {
        Left += length;
        Stream.RequestWrite();
    }

    internal override void Receive(ReadOnlySpan<byte> data)
    {
        Act();
        Received += data.Length;
        done.Add((this, data.Length));
    }

    internal override int Write(Span<byte> destination)
    {
        if (Left == 0)
            return 0;
        Act();
        var length = (int)Math.Min(Left, destination.Length);
        Left -= length;
        done.Add((this, length));
        return length;
    }

    internal override void ReceiveEnd() => Shutdown();

    internal override void Lose(int most) => Streams -= Math.Min(most, Streams);

    internal override void Shutdown()
    {
        _over = true;
        Stream.RequestWrite();
    }

    internal override void RefuseLoad()
    {
    }

    public override void Dispose()
    {
        if (DisposeFault is not null)
            throw DisposeFault;
        base.Dispose();
    }

    internal override ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        reset = 0;
        return ulong.MaxValue;
    }
}
