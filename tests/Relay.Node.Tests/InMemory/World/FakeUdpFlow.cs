using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>A target's UDP socket with a bounded receive buffer, seen from the relay.</summary>
internal sealed class FakeUdpFlow(Simulation simulation, FakeLoop loop, IFlowOwner owner) : IUdpFlow
{
    /// <summary>Datagrams that the kernel keeps for the relay.</summary>
    private const int KernelBuffer = 1000;

    private readonly Queue<byte[]> _received = new();
    private byte[]? _flood;
    private bool _started;

    /// <summary>Sends back what it gets.</summary>
    public bool Echo { get; set; }

    /// <summary>What the relay has sent; not kept where <see cref="KeepsSent"/> is off.</summary>
    public List<byte[]> Sent { get; } = [];

    public bool KeepsSent { get; set; } = true;

    public long SentCount { get; private set; }

    /// <summary>Datagrams of a flood that the relay has not taken.</summary>
    public long Unread { get; private set; }

    /// <summary>Datagrams that the relay has taken.</summary>
    public long Taken { get; private set; }

    /// <summary>Datagrams that found the kernel's buffer full.</summary>
    public long Overflowed { get; private set; }

    public int Closes { get; private set; }

    /// <summary>What looking for a datagram throws from now on.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What taking a datagram throws from now on.</summary>
    public Exception? AdvanceFault { get; set; }

    /// <summary>The error by which the next datagram that is sent finds the socket's end; 0 for none.</summary>
    public int SendFailure { get; set; }

    public IPEndPoint LocalEndPoint { get; } = new(IPAddress.Parse("198.51.100.200"), 40_000);

    public IPEndPoint RemoteEndPoint { get; set; } = IPEndPoint.Parse(FakeConnector.NextHop);

    /// <summary>The flow is in the tunnel's hands.</summary>
    public void Start()
    {
        _started = true;
        if (_received.Count > 0 || Unread > 0)
            Signal();
    }

    /// <summary>A datagram arrives from the target.</summary>
    public void Deliver(byte[] payload)
    {
        if (_received.Count >= KernelBuffer)
        {
            Overflowed++;
            return;
        }
        _received.Enqueue(payload);
        if (_started)
            Signal();
    }

    /// <summary>The target sends so many datagrams at once. The relay hears of it only once.</summary>
    public void Flood(long count, int size)
    {
        _flood = new byte[size];
        Unread += count;
        if (_started)
            Signal();
    }

    /// <summary>The socket fails, as with an ICMP unreachable.</summary>
    public void Fail(int errno) => loop.Post(owner, () =>
    {
        if (Closes == 0)
            owner.OnFailed(errno);
    });

    public bool TryPeek(out ReadOnlySpan<byte> payload)
    {
        Assert.True(Closes == 0, "A closed flow was used.");
        if (Fault is not null)
            throw Fault;
        if (_received.TryPeek(out var first))
            payload = first;
        else
            payload = Unread > 0 ? _flood : default(ReadOnlySpan<byte>);
        return first is not null || Unread > 0;
    }

    public void Advance()
    {
        Assert.True(Closes == 0, "A closed flow was used.");
        if (AdvanceFault is not null)
            throw AdvanceFault;
        Taken++;
        if (!_received.TryDequeue(out _))
            Unread--;
    }

    public void Send(ReadOnlySpan<byte> payload)
    {
        Assert.True(Closes == 0, "A closed flow was used.");
        // As where the loop has to flush first what waits.
        if (SendFailure != 0)
        {
            owner.OnFailed(SendFailure);
            return;
        }
        SentCount++;
        if (KeepsSent)
            Sent.Add(payload.ToArray());
        if (Echo)
            Return(payload.ToArray());
    }

    public void Close()
    {
        Closes++;
        Assert.Equal(1, Closes);
    }

    private void Return(byte[] payload) => simulation.After(Time.Milliseconds(1), () => Deliver(payload));

    private void Signal() => loop.Post(owner, () =>
    {
        if (Closes == 0)
            owner.OnReadable();
    });
}
