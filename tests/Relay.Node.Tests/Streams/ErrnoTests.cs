using Relay.Native.Linux;
using Relay.Node.Tunnels;
using Relay.Testing.Faults;

namespace Relay.Node.Tests.Streams;

/// <summary>What becomes of each error of receive and send toward a client over TCP, which the kernel tells.</summary>
public sealed class ErrnoTests
{
    public static MatrixTheoryData<string, int> Errors => new(
        ["h2", "http/1.1"],
        [
            Errno.ECONNRESET, Errno.EPIPE, Errno.ECONNREFUSED, Errno.EHOSTUNREACH, Errno.ENETUNREACH, Errno.ENETDOWN, Errno.ENOBUFS, Errno.ENOMEM,
            Errno.EIO, Errno.EBADF, Errno.EINVAL, Errno.ENOTCONN, Errno.EPERM, Errno.EACCES, Errno.ETIMEDOUT,
        ]);

    [Theory]
    [MemberData(nameof(Errors))]
    public void Receive_ThatFails_EndsTheConnection(string protocol, int errno) => FailingCalls.Run(calls =>
    {
        using var world = StreamWorld.Tunnel(protocol);
        // Its client reads by such a call too.
        world.Reads = false;
        calls.Begin(SystemCall.RecvFrom, errno);
        world.Send("more"u8);
        AssertEnds(world, errno);
    });

    [Theory]
    [MemberData(nameof(Errors))]
    public void Send_ThatFails_EndsTheConnection(string protocol, int errno) => FailingCalls.Run(calls =>
    {
        using var world = StreamWorld.Tunnel(protocol);
        calls.Begin(SystemCall.SendTo, errno);
        calls.Begin(SystemCall.SendMsg, errno);
        world.World.Connector.Tcp[0].Produce(1000);
        AssertEnds(world, errno);
    });

    private static void AssertEnds(StreamWorld world, int errno)
    {
        world.Until(() => world.IsOver);
        var expected = errno == Errno.ETIMEDOUT ? ClientEnd.IdleConnection : ClientEnd.Connection;
        Assert.Equal(expected, world.Connection.Client.End);
        Assert.Equal([errno == Errno.ETIMEDOUT ? "idle_timeout" : "client_aborted"], world.World.Outcomes);
    }
}
