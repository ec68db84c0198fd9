using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Relay.Testing.Faults;

/// <summary>
/// A port on 127.0.0.1 that passes datagrams on to another and back, and does to them what a bad path does. What it does follows from
/// its seed, and from the order in which datagrams come, which is the machine's.
/// </summary>
public sealed class UdpMiddlebox : IAsyncDisposable
{
    private static readonly TimeSpan LongestQueue = TimeSpan.FromMilliseconds(100);

    private readonly UdpClient _front = Open();
    private readonly IPEndPoint _behind;
    private readonly int _seed;
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<IPEndPoint, Client> _clients = [];
    // Added to by the one that receives, which ends first.
    private readonly List<Task> _tasks = [];
    private readonly Task _receiving;
    private readonly Direction _up;
    private readonly Direction _down;

    /// <summary>Begins to pass on.</summary>
    /// <param name="behind">The port on 127.0.0.1 that stands behind it.</param>
    /// <param name="seed">Of what it does.</param>
    /// <param name="faults">What it does at first.</param>
    public UdpMiddlebox(int behind, int seed, PathFaults faults)
    {
        (_behind, _seed, Faults) = (new IPEndPoint(IPAddress.Loopback, behind), seed, faults);
        (_up, _down) = (new Direction(this, 1), new Direction(this, 2));
        TestContext.Current.TestOutputHelper?.WriteLine($"{this}");
        _receiving = ReceiveAsync();
    }

    /// <summary>Its own port on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)_front.Client.LocalEndPoint!).Port;

    /// <summary>What it does; may be changed at any time.</summary>
    public PathFaults Faults { get; set; }

    /// <summary>Datagrams that came, of both directions.</summary>
    public long Passed => _up.Came + _down.Came;

    /// <summary>Datagrams that vanished, since a path loses some, is too slow, or too narrow.</summary>
    public long Lost => _up.Lost + _down.Lost;

    /// <summary>How often a client got another port.</summary>
    public int Rebinds { get; private set; }

    public override string ToString() => $"middlebox, seed {_seed}, {Faults}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _receiving;
        await Task.WhenAll(_tasks);
        foreach (var client in _clients.Values)
            client.Dispose();
        _front.Dispose();
        _end.Dispose();
    }

    private async Task ReceiveAsync()
    {
        await foreach (var received in DatagramsOfAsync(_front))
        {
            if (!_clients.TryGetValue(received.RemoteEndPoint, out var client))
                _clients[received.RemoteEndPoint] = client = new Client(this, received.RemoteEndPoint);
            var socket = client.Socket(Faults.RebindEvery);
            _up.Pass(received.Buffer, datagram => Send(socket, datagram, _behind));
        }
    }

    private async Task ReturnAsync(UdpClient socket, IPEndPoint client)
    {
        await foreach (var received in DatagramsOfAsync(socket))
            _down.Pass(received.Buffer, datagram => Send(_front, datagram, client));
    }

    private async IAsyncEnumerable<UdpReceiveResult> DatagramsOfAsync(UdpClient socket)
    {
        while (!_end.IsCancellationRequested)
        {
            UdpReceiveResult received;
            try
            {
                received = await socket.ReceiveAsync(_end.Token);
            }
            catch (SocketException)
            {
                // ICMP of a datagram before: the next may arrive.
                continue;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                yield break;
            }
            yield return received;
        }
    }

    private static void Send(UdpClient socket, byte[] datagram, IPEndPoint to)
    {
        try
        {
            _ = socket.Send(datagram, to);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Lost, as by any path.
        }
    }

    private static UdpClient Open()
    {
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        (socket.Client.ReceiveBufferSize, socket.Client.SendBufferSize) = (4 << 20, 4 << 20);
        return socket;
    }

    /// <summary>The sockets by which a client is seen behind the box, the last of which it uses now.</summary>
    private sealed class Client(UdpMiddlebox box, IPEndPoint address) : IDisposable
    {
        private readonly List<UdpClient> _sockets = [];
        private int _count;

        public UdpClient Socket(int rebindEvery)
        {
            if (_sockets.Count == 0 || (rebindEvery > 0 && ++_count % rebindEvery == 0))
            {
                box.Rebinds += Math.Min(1, _sockets.Count);
                _sockets.Add(Open());
                box._tasks.Add(box.ReturnAsync(_sockets[^1], address));
            }
            return _sockets[^1];
        }

        public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());
    }

    /// <summary>One way; datagrams of all clients share it.</summary>
    private sealed class Direction
    {
        private readonly UdpMiddlebox _box;
        private readonly Random _random;
        private readonly Channel<(long Due, byte[] Datagram, Action<byte[]> Send)> _waiting =
            Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<(long Due, byte[] Datagram, Action<byte[]> Send)>
            {
                Comparer = Comparer<(long Due, byte[] Datagram, Action<byte[]> Send)>.Create(static (one, other) => one.Due.CompareTo(other.Due)),
            });

        private readonly Lock _gate = new();
        private long _freeAt;

        public Direction(UdpMiddlebox box, int number)
        {
            (_box, _random) = (box, new Random((box._seed * 2) + number));
            box._tasks.Add(DeliverAsync());
        }

        public long Came { get; private set; }

        public long Lost { get; private set; }

        public void Pass(byte[] datagram, Action<byte[]> send)
        {
            lock (_gate)
            {
                Came++;
                var (faults, now) = (_box.Faults, Stopwatch.GetTimestamp());
                if (datagram.Length > faults.MaxPayload || _random.NextDouble() < faults.Loss
                    || !TryQueue(datagram.Length, faults.BytesPerSecond, now, out var due))
                {
                    Lost++;
                    return;
                }
                due += Ticks(faults.Delay);
                if (_random.NextDouble() < faults.Reordering)
                    due += (long)(Ticks((2 * faults.Delay) + TimeSpan.FromMilliseconds(5)) * _random.NextDouble());
                _waiting.Writer.TryWrite((due, datagram, send));
                if (_random.NextDouble() < faults.Duplication)
                    _waiting.Writer.TryWrite((due + Ticks(TimeSpan.FromMilliseconds(1)), datagram, send));
            }
        }

        private bool TryQueue(int length, double rate, long now, out long due)
        {
            due = now;
            if (rate == 0)
                return true;
            var begins = Math.Max(_freeAt, now);
            if (begins - now > Ticks(LongestQueue))
                return false;
            due = _freeAt = begins + (long)(length / rate * Stopwatch.Frequency);
            return true;
        }

        private async Task DeliverAsync()
        {
            try
            {
                while (await _waiting.Reader.WaitToReadAsync(_box._end.Token))
                {
                    // What comes meanwhile and is due before is found after a millisecond at most.
                    if (_waiting.Reader.TryPeek(out var next) && next.Due > Stopwatch.GetTimestamp())
                        await Task.Delay(1, _box._end.Token);
                    else if (_waiting.Reader.TryRead(out var due))
                        due.Send(due.Datagram);
                }
            }
            catch (OperationCanceledException)
            {
                // By its end.
            }
        }

        private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
    }
}
