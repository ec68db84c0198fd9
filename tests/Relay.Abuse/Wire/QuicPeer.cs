using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Testing.Quic;

namespace Relay.Abuse.Wire;

/// <summary>A client of HTTP/3 that writes its own packets, on a socket of its own. One thread's.</summary>
internal sealed class QuicPeer : IDisposable
{
    private static readonly TlsContext Tls = TlsContext.CreateClient([], verifyPeer: false);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Dictionary<ulong, ulong> _sent = [];
    private ulong _nextStream;

    /// <param name="relay">Loopback; refused otherwise, whoever asks.</param>
    /// <param name="from">The address to send from, loopback as well.</param>
    /// <param name="parameters">What it announces; null for what is usual.</param>
    public QuicPeer(IPEndPoint relay, IPAddress from, QuicParameters? parameters = null)
    {
        Loopback.Require(relay.Address);
        _socket.Bind(new IPEndPoint(from, 0));
        _socket.Connect(relay);
        _socket.ReceiveBufferSize = 1 << 20;
        Client = new PacketClient(
            Tls, "localhost", new SocketEndpoint((IPEndPoint)_socket.LocalEndPoint!), new SocketEndpoint(relay), SendPacket, Clock.Now,
            parameters)
        {
            OnFrame = Note,
        };
    }

    public PacketClient Client { get; }

    /// <summary>Whether the relay, or its system, has ended it.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Streams that something came on.</summary>
    public HashSet<ulong> Answered { get; } = [];

    /// <summary>Takes the payload of each DATAGRAM frame.</summary>
    public Action<byte[]> OnDatagram { get; set; } = static _ => { };

    /// <summary>Bytes that came on streams.</summary>
    public long StreamBytes { get; private set; }

    /// <summary>Whether there is credit for another request.</summary>
    public bool HasCredit => _nextStream / 4 < Client.MaxStreams;

    /// <summary>Shakes hands, and says what a client of HTTP/3 says first.</summary>
    /// <returns>Whether it could within the time.</returns>
    public bool Establish(TimeSpan limit)
    {
        var deadline = Clock.Now + (ulong)limit.TotalNanoseconds;
        while (!Client.IsReady && !IsOver && Clock.Now < deadline)
            Pump(TimeSpan.FromMilliseconds(20));
        if (!Client.IsReady)
            return false;
        SendStream(2, Http3Bytes.Control);
        return !IsOver;
    }

    /// <summary>Takes what has come, waiting for it so long at most, and acknowledges it.</summary>
    public void Pump(TimeSpan wait)
    {
        Client.Turn(Clock.Now);
        try
        {
            if (!IsOver && (_socket.Available > 0 || _socket.Poll(wait, SelectMode.SelectRead)))
            {
                for (var left = 256; left > 0 && _socket.Available > 0; left--)
                    Client.Receive(_buffer.AsSpan(0, _socket.Receive(_buffer)), Clock.Now);
            }
        }
        catch (SocketException)
        {
            IsOver = true;
        }
        IsOver |= Client.HasFailed || Client.Close is not null;
        if (!IsOver)
            Client.Turn(Clock.Now);
    }

    /// <summary>Takes what has come, and looks at none of it.</summary>
    public void Drain()
    {
        try
        {
            while (_socket.Available > 0)
                _ = _socket.Receive(_buffer);
        }
        catch (SocketException)
        {
            IsOver = true;
        }
    }

    /// <summary>Streams for requests that it has opened.</summary>
    public ulong Opened => _nextStream / 4;

    /// <summary>Takes the next stream for a request, and says nothing on it.</summary>
    public ulong NextStream()
    {
        var stream = _nextStream;
        _nextStream += 4;
        return stream;
    }

    /// <summary>A STREAM frame that goes on where the last one of its stream ended.</summary>
    public byte[] Frame(ulong stream, ReadOnlySpan<byte> data, bool fin = false)
    {
        _sent.TryGetValue(stream, out var offset);
        _sent[stream] = offset + (ulong)data.Length;
        return QuicFrames.Stream(stream, offset, data, fin);
    }

    /// <summary>Bytes that were said on a stream.</summary>
    public ulong SentOn(ulong stream) => _sent.GetValueOrDefault(stream);

    /// <summary>Sends one packet with these bytes of a stream.</summary>
    public void SendStream(ulong stream, ReadOnlySpan<byte> data) => Client.Send(Frame(stream, data));

    /// <summary>Sends any bytes as a UDP payload.</summary>
    public void SendPacket(byte[] packet)
    {
        try
        {
            if (!IsOver)
                _socket.Send(packet);
        }
        catch (SocketException)
        {
            IsOver = true;
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        _socket.Dispose();
    }

    private void Note(ReceivedFrame frame)
    {
        if (frame.Type is 0x30 or 0x31)
            OnDatagram(frame.Data);
        if (!frame.IsStream)
            return;
        Answered.Add(frame.Numbers[0]);
        StreamBytes += frame.Data.Length;
    }
}
