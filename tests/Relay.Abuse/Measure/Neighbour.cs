using System.Buffers.Binary;
using System.Diagnostics;
using Relay.Abuse.Wire;
using Relay.Testing.Quic;

namespace Relay.Abuse.Measure;

/// <summary>
/// A client with one UDP tunnel that it echoes through, on a thread of its own: who it is that an attack must not hurt. Its source is
/// another than the attack's.
/// </summary>
internal sealed class Neighbour : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan Handshake = TimeSpan.FromSeconds(60);

    private readonly QuicPeer _peer;
    private readonly Thread _thread;
    private volatile bool _ends;
    private volatile Latencies _current = new();

    private Neighbour(QuicPeer peer)
    {
        _peer = peer;
        _thread = new Thread(Echo) { Name = "neighbour" };
    }

    /// <summary>Whether its connection lives.</summary>
    public bool IsAlive => !_peer.IsOver;

    /// <summary>Opens its tunnel, and begins.</summary>
    /// <exception cref="InvalidOperationException">It cannot: nothing can be said of the relay.</exception>
    public static Neighbour Start(IPEndPoint relay, IPEndPoint echo)
    {
        var peer = new QuicPeer(relay, IPAddress.Loopback);
        var neighbour = new Neighbour(peer);
        if (!peer.Establish(Handshake))
            throw new InvalidOperationException($"No handshake with {relay}.");
        peer.SendStream(peer.NextStream(), Http3Bytes.ConnectUdp("127.0.0.1", echo.Port));
        neighbour._thread.Start();
        return neighbour;
    }

    /// <summary>What was measured since the last call.</summary>
    public Latencies Take() => Interlocked.Exchange(ref _current, new Latencies());

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _peer.Dispose();
    }

    private void Echo()
    {
        var awaited = 0ul;
        var came = false;
        _peer.OnDatagram = payload => came |= payload.Length == 10 && BinaryPrimitives.ReadUInt64BigEndian(payload.AsSpan(2)) == awaited;
        while (!_ends && !_peer.IsOver)
        {
            // Quarter stream ID 0, context ID 0, and a number.
            var datagram = new byte[10];
            BinaryPrimitives.WriteUInt64BigEndian(datagram.AsSpan(2), ++awaited);
            came = false;
            var began = Stopwatch.GetTimestamp();
            _peer.Client.Send(QuicFrames.DatagramOf(datagram));
            while (!came && !_ends && !_peer.IsOver && Stopwatch.GetElapsedTime(began) < Patience)
                _peer.Pump(TimeSpan.FromMilliseconds(20));
            var latencies = _current;
            if (came)
                latencies.Add(Stopwatch.GetElapsedTime(began));
            else if (!_ends)
                latencies.AddLost(Patience);
            Thread.Sleep(Pause);
        }
    }
}
