using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>
/// A target's TCP connection with two kernel buffers of bounded size, seen from the relay. What passes is
/// <see cref="Pattern"/> in both directions, or, with <see cref="Echo"/>, whatever the client sends.
/// </summary>
internal sealed class FakeTcpFlow(Simulation simulation, FakeLoop loop, IFlowOwner owner) : QueuedTcpFlow(loop, owner)
{
    private const int ResetByPeer = 104;

    private readonly Queue<byte> _echo = new();
    private bool _waitsForRoom;
    private bool _started;
    private int _unread;

    /// <summary>Sends back what it gets, and ends when it is ended.</summary>
    public bool Echo { get; set; }

    /// <summary>Bytes of the pattern that it still has to send.</summary>
    public long Source { get; set; }

    /// <summary>Ends its stream once everything is sent.</summary>
    public bool EndsAfterSource { get; set; }

    /// <summary>Whether its application reads; when not, only the kernel's buffer takes bytes.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>What the kernel takes for an application that does not read.</summary>
    public int KernelBuffer { get; set; } = 128 * 1024;

    /// <summary>Bytes that the relay has taken.</summary>
    public long Taken { get; private set; }

    /// <summary>The most that the relay took at once.</summary>
    public int LargestReceive { get; private set; }

    /// <summary>Bytes that the relay has delivered, whether or not the application read them.</summary>
    public long Delivered { get; private set; }

    /// <summary>Whether what the relay delivered was the pattern.</summary>
    public bool DeliveredPattern { get; private set; } = true;

    public bool EndDelivered { get; private set; }

    public int Closes { get; private set; }

    /// <summary>What reading and writing throws from now on.</summary>
    public Exception? Fault { get; set; }

    public int Aborts { get; private set; }

    /// <summary>What the next abort throws, once it is done.</summary>
    public Exception? AbortFault { get; set; }

    public override IPEndPoint LocalEndPoint { get; } = new(IPAddress.Parse("198.51.100.200"), 40_000);

    /// <summary>The error that each read and write meets from now on; 0 for none.</summary>
    public int Failure { get; private set; }

    public bool IsReset => Failure == ResetByPeer;

    private bool _ended;

    /// <summary>The flow is in the tunnel's hands: its socket is writable, and maybe readable.</summary>
    public void Start()
    {
        _started = true;
        Signal();
        Loop.Post(owner, RequestFlush);
    }

    /// <summary>Ends the target's stream.</summary>
    public void End()
    {
        _ended = true;
        Signal();
    }

    /// <summary>Resets the connection: what was not read is lost.</summary>
    public void Reset() => Fail(ResetByPeer);

    /// <summary>The socket fails: what was not read is lost.</summary>
    public void Fail(int errno)
    {
        Failure = errno;
        Signal();
        Loop.Post(owner, RequestFlush);
    }

    /// <summary>The application begins to read.</summary>
    public void BeginReading()
    {
        Reads = true;
        _unread = 0;
        if (_waitsForRoom)
            Loop.Post(owner, RequestFlush);
        _waitsForRoom = false;
    }

    /// <summary>Sends more of the pattern.</summary>
    public void Produce(long length)
    {
        Source += length;
        Signal();
    }

    public override int Receive(Span<byte> destination)
    {
        Assert.False(IsClosed, "A closed flow was read.");
        if (Fault is not null)
            throw Fault;
        if (Failure != 0)
            return -Failure;
        var length = (int)Math.Min(destination.Length, Echo ? _echo.Count : Source);
        if (length == 0)
            return _ended || (EndsAfterSource && Source == 0) || (Echo && EndDelivered) ? 0 : -Errors.Again;
        if (Echo)
        {
            for (var i = 0; i < length; i++)
                destination[i] = _echo.Dequeue();
        }
        else
        {
            Pattern.Fill(destination[..length], Taken);
            Source -= length;
        }
        Taken += length;
        LargestReceive = Math.Max(LargestReceive, length);
        return length;
    }

    protected override int Write(ReadOnlySpan<byte> data)
    {
        Assert.False(IsClosed, "A closed flow was written to.");
        if (Fault is not null)
            throw Fault;
        Assert.False(EndDelivered, "A flow was written to after its end.");
        if (Failure != 0)
            return -Failure;
        var room = Reads ? data.Length : Math.Min(data.Length, KernelBuffer - _unread);
        if (room == 0 && !data.IsEmpty)
        {
            _waitsForRoom = true;
            return -Errors.Again;
        }
        if (!Reads)
            _unread += room;
        DeliveredPattern &= Pattern.Matches(data[..room], Delivered);
        Delivered += room;
        if (Echo)
        {
            foreach (var value in data[..room])
                _echo.Enqueue(value);
            simulation.After(Time.Milliseconds(1), Signal);
        }
        return room;
    }

    protected override int Write(ReadOnlySpan<ReadOnlyMemory<byte>> data)
    {
        var sent = 0;
        foreach (var piece in data)
        {
            var part = Write(piece.Span);
            if (part < 0)
                return sent > 0 ? sent : part;
            sent += part;
            if (part < piece.Length)
                break;
        }
        return sent;
    }

    public override void ShutdownWrite()
    {
        Assert.False(IsClosed, "A closed flow was ended.");
        Assert.False(EndDelivered, "A flow was ended twice.");
        EndDelivered = true;
        if (Echo)
            Signal();
    }

    public override void Abort()
    {
        Aborts++;
        _ = EndSending();
        if (AbortFault is { } fault)
        {
            AbortFault = null;
            throw fault;
        }
    }

    public override void Close()
    {
        Closes++;
        _ = EndSending();
    }

    private void Signal()
    {
        if (_started)
        {
            Loop.Post(owner, () =>
            {
                if (!IsClosed)
                    owner.OnReadable();
            });
        }
    }
}
