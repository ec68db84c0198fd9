using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>Packets protected by either library, on either side.</summary>
public sealed class ProtectionTests
{
    private const uint Version2 = 0x6b3343cf;
    private const ulong AeadLimitReached = 0xf;
    private const string Aes128 = "AES-128-GCM";
    private const string Aes256 = "AES-256-GCM";
    private const string ChaCha = "CHACHA20-POLY1305";

    /// <summary>Both directions of a connection have a key, and the next one.</summary>
    private const int KeysOfAConnection = 4;

    /// <summary>What protects packets, and whether the node's or its client's are worn out.</summary>
    public static MatrixTheoryData<string, bool> Sides => new(["ipsec-mb", "library"], [false, true]);

    [Theory]
    [InlineData("ipsec-mb", "library", Aes128, 10, 1u)]
    [InlineData("library", "ipsec-mb", Aes128, 10, 1u)]
    [InlineData("ipsec-mb", "ipsec-mb", Aes128, 10, Version2)]
    [InlineData("ipsec-mb", "library", Aes256, 11, 1u)]
    [InlineData("library", "ipsec-mb", Aes256, 11, Version2)]
    [InlineData("ipsec-mb", "library", ChaCha, 23, Version2)]
    [InlineData("library", "ipsec-mb", ChaCha, 23, 1u)]
    [InlineData("library", "library", ChaCha, 23, 1u)]
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
            udp.SendDatagram(Pattern.Bytes(length));
            Assert.True(network.Run(() => udp.DatagramCount == (length / 7) + 1));
            updates += length % 70 == 0 && tester.UpdateKeys() ? 1 : 0;
        }
        Assert.True(network.Run(() => tcp.IsClosed));
        Assert.InRange(updates, 2, 1100);
        Assert.Equal(Enumerable.Range(0, 158).Select(static i => Pattern.Bytes(i * 7)), udp.Datagrams);
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

    /// <summary>
    /// RFC 9001 §6.6: for AES-GCM "the confidentiality limit is 2^23 encrypted packets; … the integrity limit is 2^52 invalid packets",
    /// for ChaCha20-Poly1305 it is "greater than the number of possible packets (2^62)" and 2^36. Whose the keys are changes none, nor
    /// does their update.
    /// </summary>
    [Theory]
    [InlineData("ipsec-mb", "library", Aes128, 23, 52)]
    [InlineData("library", "ipsec-mb", Aes128, 23, 52)]
    [InlineData("ipsec-mb", "library", Aes256, 23, 52)]
    [InlineData("library", "ipsec-mb", Aes256, 23, 52)]
    [InlineData("ipsec-mb", "library", ChaCha, 62, 36)]
    [InlineData("library", "ipsec-mb", ChaCha, 62, 36)]
    public void Limits_OfBothEnds_AreThoseOfTheCipher(string node, string client, string cipher, int packets, int failures)
    {
        using var network = new Network(new NodeSettings { Protection = Protections.Of(node) });
        var tester = network.Establish(new ClientSettings { Protection = Protections.Of(client), Cipher = cipher });
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        var expected = (1ul << packets, 1ul << failures);
        Assert.Equal((expected, expected), (KeyLimits.Of(network.Node.Connection), KeyLimits.Of(tester)));
        Assert.True(tester.UpdateKeys());
        udp.SendDatagram([1]);
        Assert.True(network.Run(() => udp.DatagramCount == 1));
        Assert.Equal((expected, expected), (KeyLimits.Of(network.Node.Connection), KeyLimits.Of(tester)));
        network.CloseAndAssertClean();
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Key_UsedForAllItMayBe_IsFollowedByTheNext(string protection, bool ofNode)
    {
        using var network = With(protection, ofNode, out var tester, out _);
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        KeyLimits.Lower(ofNode ? network.Node.Connection : tester, packets: 50, failures: 1000);
        for (var i = 1; i <= 200; i++)
        {
            udp.SendDatagram([1, 2, 3]);
            Assert.True(network.Run(() => udp.DatagramCount == i), $"{i}: {tester.State} {tester.CloseReason}");
        }
        network.CloseAndAssertClean();
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void Key_UsedForAllItMayBe_WithoutANext_EndsTheConnection(string protection, bool ofNode)
    {
        using var network = With(protection, ofNode, out var tester, out var link);
        var udp = network.Answered(tester.ConnectUdp());
        var flow = Assert.Single(network.Node.Connector.Udp);
        network.Run(Time.Seconds(1));
        QuicConnection limited = ofNode ? network.Node.Connection : tester;
        KeyLimits.Lower(limited, packets: 5, failures: 1000);
        // What confirms an update never comes.
        var way = ofNode ? link.Up : link.Down;
        way.Filter = static _ => false;
        for (var i = 0; i < 20 && limited.State == QuicState.Open; i++)
        {
            if (ofNode)
                flow.Deliver([1, 2, 3]);
            else
                udp.SendDatagram([1, 2, 3]);
            network.Run(Time.Milliseconds(1));
        }
        AssertLimitReached(limited);
        way.Filter = static _ => true;
        network.CloseAndAssertClean();
    }

    [Theory]
    [MemberData(nameof(Sides))]
    public void ForgedPackets_ChangeNothing_UntilTheyAreTooMany(string protection, bool ofNode)
    {
        using var network = With(protection, ofNode, out var tester, out var link);
        var udp = network.Answered(tester.ConnectUdp());
        network.Run(Time.Seconds(1));
        QuicConnection limited = ofNode ? network.Node.Connection : tester;
        var forged = 0;
        (ofNode ? link.Up : link.Down).Filter = packet =>
        {
            var payload = packet.Payload.ToArray();
            payload[^1] ^= 1;
            var forgery = packet with { Payload = payload };
            if (ofNode)
                network.Node.Receive(forgery);
            else
                tester.Receive(forgery);
            forged++;
            return true;
        };
        const int Limit = 30;
        KeyLimits.Lower(limited, packets: 1 << 20, failures: Limit);
        while (forged < Limit - 1)
        {
            var before = udp.DatagramCount;
            udp.SendDatagram(Pattern.Bytes(1000));
            Assert.True(network.Run(() => udp.DatagramCount == before + 1 || forged >= Limit - 1));
        }
        Assert.Equal(QuicState.Open, limited.State);
        Assert.All(udp.Datagrams, static datagram => Assert.Equal(Pattern.Bytes(1000), datagram));
        udp.SendDatagram([1]);
        udp.SendDatagram([2]);
        Assert.True(network.Run(() => limited.State != QuicState.Open));
        AssertLimitReached(limited);
        network.CloseAndAssertClean();
    }

    /// <summary>A network of one client, either side of which has its packets protected in this way.</summary>
    private static Network With(string protection, bool ofNode, out TestClient client, out Link link)
    {
        var own = Protections.Of(protection);
        var network = new Network(ofNode ? new NodeSettings { Protection = own } : null);
        client = network.Establish(ofNode ? null : new ClientSettings { Protection = own }, out link);
        return network;
    }

    private static void AssertLimitReached(QuicConnection connection)
    {
        var reason = connection.CloseReason;
        Assert.Equal((AeadLimitReached, CloseKind.Transport), (reason.Code, reason.Kind));
    }

    private static void AssertKeys(string protection, QuicConnection connection) =>
        Assert.Equal(protection == "library" ? 0 : KeysOfAConnection, connection.OwnKeys);
}
