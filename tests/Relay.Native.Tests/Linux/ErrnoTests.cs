using Relay.Native.Linux;
using Relay.Testing.Faults;

namespace Relay.Native.Tests.Linux;

/// <summary>What becomes of each error of the calls by which the relay's own UDP sockets send and receive.</summary>
public class ErrnoTests
{
    public static TheoryData<int> Errors =>
    [
        Errno.EPERM, Errno.EACCES, Errno.EINVAL, Errno.EMSGSIZE, Errno.EIO, Errno.ENOBUFS, Errno.ENOMEM, Errno.ENETDOWN, Errno.ENETUNREACH,
        Errno.EHOSTUNREACH, Errno.EADDRNOTAVAIL, Errno.ECONNREFUSED, Errno.EPIPE, Errno.EPROTO, Errno.EOPNOTSUPP,
    ];

    [Theory]
    [MemberData(nameof(Errors))]
    public void Flush_OfWhatIsRefused_DropsAndCountsIt(int errno) => FailingCalls.Run(calls =>
    {
        using var socket = Datagrams.Bind();
        var batch = BatchOf(100, 200, 300);
        calls.Begin(SystemCall.SendMMsg, errno);
        Assert.Equal(0, batch.Flush(socket));
        Assert.Equal((3, 0, 0, errno), (batch.DroppedPackets, batch.PacketsSent, batch.PendingPackets, batch.LastError));
        Assert.False(batch.HasPending);
    });

    // What one datagram is refused for may be its own.
    [Theory]
    [InlineData(Errno.EIO, false)]
    [InlineData(Errno.EINVAL, true)]
    [InlineData(Errno.EMSGSIZE, true)]
    public void Flush_OfARunThatIsRefused_SendsItSingly(int errno, bool stillSupported) => FailingCalls.Run(calls =>
    {
        using var socket = Datagrams.Bind();
        var batch = BatchOf(100, 100, 100);
        calls.Begin(SystemCall.SendMMsg, errno);
        Assert.Equal(0, batch.Flush(socket));
        Assert.Equal((0, 3), (batch.DroppedPackets, batch.PacketsSent));
        Assert.Equal(stillSupported, socket.GsoSupported);
    });

    [Fact]
    public void Flush_OfASocketThatIsFull_KeepsWhatItHas() => FailingCalls.Run(calls =>
    {
        using var socket = Datagrams.Bind();
        var batch = BatchOf(100, 200, 300);
        calls.Begin(SystemCall.SendMMsg, Errno.EAGAIN);
        Assert.Equal(-Errno.EAGAIN, batch.Flush(socket));
        Assert.Equal((0, 3), (batch.DroppedPackets, batch.PendingPackets));
        Assert.True(batch.HasPending);
    });

    [Theory]
    [MemberData(nameof(Errors))]
    public void Receive_ThatFails_SaysWhy(int errno) => FailingCalls.Run(calls =>
    {
        using var socket = Datagrams.Bind();
        var batch = new DatagramBatch();
        calls.Begin(SystemCall.RecvMMsg, errno);
        Assert.Equal(-errno, socket.Receive(batch));
        Assert.Equal((0, false), (batch.Count, batch.Drained));
    });

    /// <summary>Datagrams to the discard port (RFC 863) of loopback.</summary>
    private static SendBatch BatchOf(params int[] lengths)
    {
        var batch = new SendBatch();
        foreach (var length in lengths)
            batch.Commit(Datagrams.Payload(length, length), new SocketEndpoint(new IPEndPoint(IPAddress.Loopback, 9)));
        return batch;
    }
}
