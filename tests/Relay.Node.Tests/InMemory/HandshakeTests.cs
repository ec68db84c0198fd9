using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

public class HandshakeTests : InMemoryTests
{
    private const uint Version2 = 0x6b3343cf;
    private const ulong CryptoError = 0x100;
    private const ulong UnknownCa = 48;
    private const ulong BadCertificate = 42;

    [Theory]
    [InlineData(1u)]
    [InlineData(Version2)]
    public void Handshake_EitherVersion_CompletesInIt(uint version)
    {
        var (network, client) = Start().WithClient(new ClientSettings { Version = version });
        Assert.Equal(version, client.Version);
        Assert.Equal(version, network.Node.Connection.Version);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsAccepted);
        Assert.Equal(0, network.Node.Loop.Counters.HandshakesPending);
    }

    [Fact]
    public void Handshake_UntrustedCertificate_FailsWithTheAlert()
    {
        var network = Start();
        var client = network.AddClient(new ClientSettings { Tls = TestIdentity.Distrustful });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.False(client.IsEstablished);
        Assert.Equal(CloseKind.Transport, network.Node.Closed[0].Kind);
        Assert.True(network.Node.Closed[0].Code is CryptoError + UnknownCa or CryptoError + BadCertificate,
            $"0x{network.Node.Closed[0].Code:x}");
        Assert.Equal(1, network.Node.Loop.Counters.HandshakesFailed);
    }

    [Fact]
    public void Handshake_AnotherNameThanTheCertificates_Fails()
    {
        var network = Start();
        var client = network.AddClient(new ClientSettings { ServerName = "other.test" });
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.False(client.IsEstablished);
        Assert.Equal(CloseKind.Transport, network.Node.Closed[0].Kind);
    }

    [Theory]
    [Seeds(6)]
    public void Handshake_ThirtyPercentLoss_Completes(int seed)
    {
        var network = Start(seed: seed);
        var client = network.AddClient(new ClientSettings
        {
            Path = PathConditions.Lossy(0.3, reordering: 0.2),
            HandshakeTimeout = Time.Seconds(60),
        });
        // The node gives a handshake ten seconds; what it gave up the client's next attempt may complete.
        network.Simulation.Run(() => client.IsEstablished || client.IsOver, Time.Seconds(60));
        Assert.True(client.IsEstablished, $"{client.State} {client.CloseReason}");
        network.Answered(client.Connect());
    }

    [Fact]
    public void Handshake_ClientVanishes_IsGivenUpAfterTenSeconds()
    {
        var network = Start();
        var client = network.AddClient(null, out var link);
        link.Up.Filter = _ => link.Up.Sent == 1;
        link.Down.Filter = static _ => false;
        var start = network.Simulation.Now;
        Assert.True(network.Run(() => network.Node.Loop.Counters.HandshakesPending == 1));
        client.IsAlive = false;
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.Equal(CloseKind.HandshakeTimeout, network.Node.Closed[0].Kind);
        Assert.InRange(network.Simulation.Now - start, Time.Seconds(10), Time.Seconds(10.1));
        Assert.Equal(1, network.Node.Loop.Counters.HandshakesFailed);
    }

    [Fact]
    public void Handshake_ClientsAddressUnproven_SendsAtMostThreeTimesAsMuch()
    {
        // RFC 9000 §8.1: "limit the amount of data it sends … to no more than three times the amount received".
        var network = Start();
        var client = network.AddClient(null, out var link);
        long received = 0, sent = 0;
        link.Up.Filter = packet =>
        {
            if (link.Up.Sent > 1)
                return false;
            received += packet.Payload.Length;
            return true;
        };
        link.Down.Filter = packet =>
        {
            sent += packet.Payload.Length;
            return true;
        };
        network.Run(Time.Seconds(9));
        Assert.InRange(sent, 1200, 3 * received);
    }

    [Fact]
    public void Handshake_Complete_SettingsAndParametersAreAsSpecified()
    {
        var (network, client) = Start().WithClient();
        // RFC 9221 §3: 65535, less the frame's type and length.
        Assert.Equal(65535 - 3, client.PeerMaxDatagram);
        Assert.True(client.PeerTakesDatagrams);
        var settings = ControlStream.ReadSettings(client.ControlStreamOfNode);
        Assert.Equal(1ul, settings[Http3Setting.EnableConnectProtocol]);
        Assert.Equal(1ul, settings[Http3Setting.H3Datagram]);
    }
}
