using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>Packets protected by either library, on either side.</summary>
public sealed class ProtectionTests
{
    private const uint Version2 = 0x6b3343cf;
    private const ulong AeadLimitReached = 0xf;

    /// <summary>Both directions of a connection have a key, and the next one.</summary>
    private const int KeysOfAConnection = 4;

    [Theory]
    [InlineData("ipsec-mb", "library", "AES-128-GCM", 10, 1u)]
    [InlineData("library", "ipsec-mb", "AES-128-GCM", 10, 1u)]
    [InlineData("ipsec-mb", "ipsec-mb", "AES-128-GCM", 10, Version2)]
    [InlineData("ipsec-mb", "library", "AES-256-GCM", 11, 1u)]
    [InlineData("library", "ipsec-mb", "AES-256-GCM", 11, Version2)]
    [InlineData("ipsec-mb", "library", "CHACHA20-POLY1305", 23, Version2)]
    [InlineData("library", "ipsec-mb", "CHACHA20-POLY1305", 23, 1u)]
    [InlineData("library", "library", "CHACHA20-POLY1305", 23, 1u)]
    public void Tunnels_AndKeyUpdates_WorkWithEither(string node, string client, string cipher, int number, uint version)
    {
        const long Size = 300_000;
        using var network = new Network(new NodeSettings { Protection = Protections.Of(node) });
        network.Node.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (Size, true);
        var tester = network.Establish(new ClientSettings
        {
            Protection = Protections.Of(client),
            Cipher = cipher,
            Version = version,
        });
        Assert.Equal((number, version), (tester.Cipher, tester.Version));
        var (tcp, udp) = network.Tunnels(tester);
        tcp.SendPattern(Size);
        tcp.Finish();
        var updates = 0;
        for (var length = 0; length < 1100; length += 7)
        {
            udp.SendDatagram(Pattern(length));
            Assert.True(network.Run(() => udp.DatagramCount == (length / 7) + 1));
            updates += length % 70 == 0 && tester.UpdateKeys() ? 1 : 0;
        }
        Assert.True(network.Run(() => tcp.IsClosed));
        Assert.InRange(updates, 2, 1100);
        Assert.Equal(Enumerable.Range(0, 158).Select(static i => Pattern(i * 7)), udp.Datagrams);
        Assert.Equal((Size, true), (tcp.BodyLength, tcp.BodyIsPattern));

        var relay = network.Node.Connection;
        network.Run(Time.Seconds(2));
        AssertKeys(node, relay);
        AssertKeys(client, tester);
        network.CloseAndAssertClean();
        tester.Dispose();
        Assert.Equal((0, 0), (relay.OwnKeys, tester.OwnKeys));
    }

    /// <summary>An update would bring keys of the relay's own, whoever made the first.</summary>
    [Fact]
    public void Keys_OfTheHandshake_AreOwnAlready()
    {
        using var network = new Network(new NodeSettings { Protection = Protections.Of("ipsec-mb") });
        var udp = network.Answered(network.Establish().ConnectUdp());
        udp.SendDatagram([1]);
        Assert.True(network.Run(() => udp.DatagramCount == 1));
        AssertKeys("ipsec-mb", network.Node.Connection);
    }

    [Theory]
    [InlineData("ipsec-mb")]
    [InlineData("library")]
    public void Key_UsedForAllItMayBe_IsFollowedByTheNext(string client)
    {
        using var network = new Network();
        var tester = network.Establish(new ClientSettings { Protection = Protections.Of(client) });
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        tester.LimitKeys(packets: 50, failures: 1000);
        for (var i = 1; i <= 200; i++)
        {
            udp.SendDatagram([1, 2, 3]);
            Assert.True(network.Run(() => udp.DatagramCount == i), $"{i}: {tester.State} {tester.CloseReason}");
        }
        network.CloseAndAssertClean();
    }

    [Theory]
    [InlineData("ipsec-mb")]
    [InlineData("library")]
    public void Key_UsedForAllItMayBe_WithoutANext_EndsTheConnection(string client)
    {
        using var network = new Network();
        var tester = network.Establish(new ClientSettings { Protection = Protections.Of(client) }, out var link);
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        tester.LimitKeys(packets: 5, failures: 1000);
        // What confirms an update never comes.
        link.Down.Filter = static _ => false;
        for (var i = 0; i < 20 && !tester.IsOver; i++)
        {
            udp.SendDatagram([1, 2, 3]);
            network.Run(Time.Milliseconds(1));
        }
        tester.AssertClosed(AeadLimitReached, CloseKind.Transport);
        link.Down.Filter = static _ => true;
        network.CloseAndAssertClean();
    }

    [Theory]
    [InlineData("ipsec-mb")]
    [InlineData("library")]
    public void ForgedPackets_ChangeNothing_UntilTheyAreTooMany(string client)
    {
        using var network = new Network();
        var tester = network.Establish(new ClientSettings { Protection = Protections.Of(client) }, out var link);
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        var forged = 0;
        link.Down.Filter = packet =>
        {
            var payload = packet.Payload.ToArray();
            payload[^1] ^= 1;
            tester.Receive(packet with { Payload = payload });
            forged++;
            return true;
        };
        const int Limit = 30;
        tester.LimitKeys(packets: 1 << 20, failures: Limit);
        while (forged < Limit - 1)
        {
            var before = udp.DatagramCount;
            udp.SendDatagram(Pattern(1000));
            Assert.True(network.Run(() => udp.DatagramCount == before + 1 || forged >= Limit - 1));
        }
        Assert.False(tester.IsOver);
        Assert.All(udp.Datagrams, static datagram => Assert.Equal(Pattern(1000), datagram));
        udp.SendDatagram([1]);
        udp.SendDatagram([2]);
        Assert.True(network.Run(() => tester.IsOver));
        tester.AssertClosed(AeadLimitReached, CloseKind.Transport);
        network.CloseAndAssertClean();
    }

    private static void AssertKeys(string protection, QuicConnection connection) =>
        Assert.Equal(protection == "library" ? 0 : KeysOfAConnection, connection.OwnKeys);

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(i * 31))];
}
