using System.Buffers.Binary;
using System.Net.Sockets;
using Relay.Load.Measure;
using Relay.Load.Targets;

namespace Relay.Load.Tests;

public sealed class TargetTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private readonly TargetSet _targets = new(IPAddress.Loopback, cpu: null);

    public void Dispose() => _targets.Dispose();

    [Fact]
    public void UdpEcho_DatagramsOfAllSizes_ComeBack()
    {
        var echo = _targets.AddUdpEcho(0);
        _targets.Start();
        using var socket = Udp(echo.LocalEndPoint);
        var buffer = new byte[65536];
        foreach (var size in new[] { 0, 1, 1100, 1500, 9000, 60000 })
        {
            var sent = BytePattern.Body((ulong)size, size).ToArray();
            socket.Send(sent);
            Assert.Equal(sent, buffer.AsSpan(0, socket.Receive(buffer)).ToArray());
        }
    }

    [Fact]
    public void UdpSource_Asked_SendsNumberedDatagramsUntilStopped()
    {
        var source = _targets.AddUdpSource(0);
        _targets.Start();
        using var socket = Udp(source.LocalEndPoint);
        var request = new byte[FloodRequest.Length];
        new FloodRequest(200, 1000).Write(request);
        socket.Send(request);
        var buffer = new byte[2000];
        ulong last = 0;
        for (var i = 0; i < 50; i++)
        {
            var payload = buffer.AsSpan(0, socket.Receive(buffer));
            Assert.True(PayloadHeader.TryRead(payload, out var header));
            Assert.True(header.BodyMatches(payload, 200));
            Assert.Equal(++last, header.Sequence);
        }

        new FloodRequest(0, 0).Write(request);
        socket.Send(request);
        socket.ReceiveTimeout = 300;
        var error = SocketError.Success;
        while (error == SocketError.Success)
        {
            if (socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out error) > 0)
                last++;
        }
        Assert.True(error is SocketError.TimedOut or SocketError.WouldBlock);
        Assert.Equal((long)last, source.Datagrams);
    }

    [Fact]
    public void UdpSink_CountsWhatArrives()
    {
        var sink = _targets.AddUdpSink(0);
        _targets.Start();
        using var socket = Udp(sink.LocalEndPoint);
        for (var i = 0; i < 10; i++)
            socket.Send(new byte[100]);
        Assert.True(SpinWait.SpinUntil(() => sink.Datagrams == 10, Patience));
        Assert.Equal(1000, sink.Bytes);
    }

    [Theory]
    [InlineData(VerifyMode.Checksum, 3_000_001)]
    [InlineData(VerifyMode.Sha256, 1_000_000)]
    [InlineData(VerifyMode.None, 0)]
    internal void TcpSource_Asked_SendsTheStreamAndItsDigest(VerifyMode verify, int length)
    {
        var source = _targets.AddTcpSource(0);
        _targets.Start();
        using var stream = Tcp(source.LocalEndPoint);
        stream.Write(Request(length, verify));
        var received = new byte[length + StreamDigest.Size];
        stream.ReadExactly(received);
        Assert.Equal(0, stream.Read(new byte[1]));
        Assert.Equal(Digest(received.AsSpan(0, length), verify), received[length..]);
    }

    [Theory]
    [InlineData(VerifyMode.Checksum, 3_000_001, false)]
    [InlineData(VerifyMode.Sha256, 1_000_000, true)]
    [InlineData(VerifyMode.Checksum, 0, true)]
    internal void TcpSink_GivenAStream_AnswersItsLengthAndDigest(VerifyMode verify, int length, bool end)
    {
        var sink = _targets.AddTcpSink(0);
        _targets.Start();
        using var stream = Tcp(sink.LocalEndPoint);
        var data = new byte[length];
        BytePattern.FillStream(data, 0);
        stream.Write(Request(length, verify));
        stream.Write(data);
        if (end)
            stream.Socket.Shutdown(SocketShutdown.Send);
        var answer = new byte[TcpSink.AnswerLength];
        stream.ReadExactly(answer);
        Assert.Equal(length, BinaryPrimitives.ReadInt64BigEndian(answer));
        Assert.Equal(Digest(data, verify), answer[sizeof(long)..]);
    }

    [Fact]
    public void TcpSink_StreamThatEndsEarly_AnswersWhatItGot()
    {
        var sink = _targets.AddTcpSink(0);
        _targets.Start();
        using var stream = Tcp(sink.LocalEndPoint);
        stream.Write(Request(1000, VerifyMode.Checksum));
        stream.Write(new byte[400]);
        stream.Socket.Shutdown(SocketShutdown.Send);
        var answer = new byte[TcpSink.AnswerLength];
        stream.ReadExactly(answer);
        Assert.Equal(400, BinaryPrimitives.ReadInt64BigEndian(answer));
    }

    [Fact]
    public void TcpEcho_HalfClosed_SendsTheRestAndEnds()
    {
        var echo = _targets.AddTcpEcho(0);
        _targets.Start();
        using var stream = Tcp(echo.LocalEndPoint);
        var sent = new byte[100_000];
        BytePattern.FillStream(sent, 0);
        stream.Write(sent);
        stream.Socket.Shutdown(SocketShutdown.Send);
        var received = new byte[sent.Length];
        stream.ReadExactly(received);
        Assert.Equal(sent, received);
        Assert.Equal(0, stream.Read(received));
    }

    private static Socket Udp(IPEndPoint target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(target);
        return socket;
    }

    private static NetworkStream Tcp(IPEndPoint target)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            ReceiveTimeout = (int)Patience.TotalMilliseconds,
        };
        socket.Connect(target);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private static byte[] Request(long length, VerifyMode verify)
    {
        var request = new byte[TransferRequest.Length];
        new TransferRequest(length, verify).Write(request);
        return request;
    }

    private static byte[] Digest(ReadOnlySpan<byte> data, VerifyMode verify)
    {
        using var digest = new StreamDigest(verify);
        digest.Append(data);
        var result = new byte[StreamDigest.Size];
        digest.Write(result);
        return result;
    }
}
