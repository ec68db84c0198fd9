using Relay.Native.Linux;
using Relay.Node.Egress;
using Relay.Node.Tests.Egress;

namespace Relay.Node.Tests.Carriers;

/// <summary>
/// What a client hears of each error of a system call toward its target, over every version of HTTP: the part below it, from the
/// call on, is <see cref="Egress.ErrnoTests"/>'.
/// </summary>
public class ErrnoTests
{
    private static readonly string[] Versions = ["1.1", "2", "3"];

    /// <summary>Errors of a socket that was connected.</summary>
    public static TheoryData<int> Failures =>
    [
        Errno.ECONNRESET, Errno.ECONNREFUSED, Errno.ETIMEDOUT, Errno.EPIPE, Errno.EHOSTUNREACH, Errno.ENETUNREACH, Errno.ENETDOWN,
        Errno.EACCES, Errno.EPERM, Errno.EPROTO, Errno.ENOPROTOOPT, Errno.ENOBUFS, Errno.ENOMEM, Errno.EIO, Errno.EBADF,
    ];

    [Theory]
    [ClassData(typeof(ConnectErrnos))]
    public void Connect_IsAnsweredWithItsErrorAndStatus(int errno, string error, int status)
    {
        foreach (var http in Versions)
        {
            foreach (var udp in (bool[])[false, true])
            {
                using var client = CarriedClient.Create(http);
                client.Connector.Failure = TargetConnector.FailureOf(errno, IPEndPoint.Parse(FakeConnector.NextHop), source: null);
                var tunnel = client.Answered(udp ? client.ConnectUdp() : client.Connect());
                Assert.Equal(status, tunnel.Status);
                Assert.Equal(
                    $"relay-node; next-hop=\"{FakeConnector.NextHop}\"; error={error}", tunnel.Field("proxy-status"));
                Assert.Equal(["refused"], client.Outcomes);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void SendOrReceive_ThatFails_IsNoEndInOrder_AndOthersGoOn(int errno)
    {
        foreach (var http in Versions)
        {
            using var client = CarriedClient.Create(http);
            using var other = client.Beside(http);
            var (tunnel, beside) = (client.Open(client.Connect()), other.Open(other.Connect()));
            client.Connector.Tcp[0].Fail(errno);
            Assert.True(client.Run(() => tunnel.WasReset));
            Assert.False(tunnel.Ended);
            Assert.Equal(["target_aborted"], client.Outcomes);
            beside.Send("still here"u8);
            Assert.True(client.Run(() => beside.BodyLength == 10));
        }
    }

    // RFC 9298 §3.1: the stream is closed, and no datagram was promised.
    [Theory]
    [MemberData(nameof(Failures))]
    public void Udp_ThatFails_ClosesItsStream_AndOthersGoOn(int errno)
    {
        foreach (var http in Versions)
        {
            using var client = CarriedClient.Create(http);
            using var other = client.Beside(http);
            var (tunnel, beside) = (client.Open(client.ConnectUdp()), other.Open(other.Connect()));
            client.Connector.Udp[0].Fail(errno);
            Assert.True(client.Run(() => tunnel.Ended));
            Assert.Equal(["target_aborted"], client.Outcomes);
            beside.Send("still here"u8);
            Assert.True(client.Run(() => beside.BodyLength == 10));
        }
    }
}
