using System.Buffers.Binary;
using Relay.Native.Http2;
using Relay.Node.Http2;
using Relay.Node.Options;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Streams;
using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>A client that says whatever a test wants, and looks at the frames that it gets.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly List<byte> _received = [];

    /// <summary>Connects.</summary>
    /// <param name="speaks">Whether it begins as it ought to: preface and SETTINGS.</param>
    /// <param name="parameters">Of the relay.</param>
    /// <param name="resetsPerSecond">Of the relay.</param>
    /// <param name="world">Where others are already; null for one of its own.</param>
    /// <param name="source">Whom limits by source count it for.</param>
    public RawPeer(
        bool speaks = true, Http2Parameters? parameters = null, int resetsPerSecond = NodeDefaults.MaxResetsPerSecond,
        CarrierWorld? world = null, ulong source = 7)
    {
        Carrier = new ProtocolCarrier((client, stream) => new Http2Protocol(
            new Http2Context(parameters ?? Http2World.Default) { ResetsPerSecond = resetsPerSecond }, client, stream), world, source)
        {
            Wrote = data => Take(data.Span),
        };
        World.Connector.SetUpTcp = static _ => { };
        if (speaks)
            Send(Frames.Preface, Frames.Write(Frames.Settings, 0, 0, []), Frames.Write(Frames.Settings, Frames.Ack, 0, []));
    }

    public ProtocolCarrier Carrier { get; }

    public CarrierWorld World => Carrier.World;

    public List<(byte Type, byte Flags, int Stream, byte[] Payload)> Received { get; } = [];

    /// <summary>The code of the GOAWAY that ended the connection.</summary>
    public uint? GoAwayCode => Received.FindLast(static frame => frame.Type == Frames.GoAway) is { Payload: { } payload }
        ? BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4)) : null;

    public uint? ResetCodeOf(int stream) =>
        Received.Find(frame => frame.Type == Frames.ResetStream && frame.Stream == stream) is { Payload: { } payload }
            ? BinaryPrimitives.ReadUInt32BigEndian(payload) : null;

    /// <summary>Whether a request got the head of an answer.</summary>
    public bool IsAnswered(int stream) =>
        Received.Exists(frame => frame.Type == Frames.Headers && frame.Stream == stream);

    /// <summary>Sends, as one piece, and waits until the relay has done what there was to do.</summary>
    public void Send(params byte[][] frames)
    {
        if (!Carrier.IsClosed)
            Carrier.Receive([.. frames.SelectMany(static frame => frame)]);
        Settle();
    }

    /// <summary>Sends in pieces, as long as the relay takes any.</summary>
    public void SendInPieces(int piece, ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty && !Carrier.IsClosed && Carrier.HttpProtocol.TakesBytes;
            bytes = bytes[Math.Min(piece, bytes.Length)..])
            Carrier.Receive(bytes[..Math.Min(piece, bytes.Length)]);
        Settle();
    }

    public void Settle() => World.Simulation.Run(Time.Milliseconds(1));

    /// <summary>Whether the connection is as good as ever: a PING is answered.</summary>
    public bool IsAlive()
    {
        var answers = Pongs();
        Send(Frames.Write(Frames.Ping, 0, 0, "12345678"u8));
        return Pongs() == answers + 1;
    }

    public void AssertClean() => Carrier.AssertClean();

    public void AssertEndedWith(uint code)
    {
        Assert.Equal((code, true), (GoAwayCode, Carrier.IsClosed));
        Assert.Equal(code, Carrier.CloseFacts.Code);
        Assert.Equal(Http2ErrorCode.IsError(code), Carrier.HttpProtocol.HasFailed);
        AssertClean();
    }

    public void Dispose() => Carrier.Dispose();

    private int Pongs() =>
        Received.Count(static frame => frame.Type == Frames.Ping && (frame.Flags & Frames.Ack) != 0);

    private void Take(ReadOnlySpan<byte> data)
    {
        _received.AddRange(data);
        while (_received.Count >= 9)
        {
            var length = (_received[0] << 16) | (_received[1] << 8) | _received[2];
            if (_received.Count < 9 + length)
                return;
            var frame = _received[..(9 + length)].ToArray();
            _received.RemoveRange(0, frame.Length);
            var stream = BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(5)) & int.MaxValue;
            Received.Add((frame[3], frame[4], stream, frame[9..]));
        }
    }
}
