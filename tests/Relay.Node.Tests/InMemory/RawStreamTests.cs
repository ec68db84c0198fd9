using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>HTTP/3 that breaks its own rules (RFC 9114 §6, §7, RFC 9204, RFC 9297 §2.1.1).</summary>
public class RawStreamTests : InMemoryTests
{
    private const ulong NoSettings = 0x10a;
    private const ulong Unexpected = 0x105;
    private const ulong Critical = 0x104;
    private const ulong Creation = 0x103;
    private const ulong SettingsFault = 0x109;

    private const string EnableConnectProtocolOf2 = "00 04 02 08 02";

    /// <summary>What a client's control stream carries, in hex, and the connection error.</summary>
    public static TheoryData<string, ulong> ControlStreams => new()
    {
        { "00 04 02 33 02", SettingsFault }, // H3_DATAGRAM = 2
        { "00 04 03 33 40 02", SettingsFault },
        { EnableConnectProtocolOf2, SettingsFault },
        { "00 04 02 02 00", SettingsFault }, // a setting of HTTP/2
        { "00 07 01 00", NoSettings }, // GOAWAY first
        { "00 04 00 04 00", Unexpected }, // SETTINGS twice
        { "00 04 00 00 01 61", Unexpected }, // DATA on the control stream
        { "00 04 00 01 01 61", Unexpected }, // HEADERS
        { "01", Creation }, // a push stream of a client
    };

    [Theory]
    [MemberData(nameof(ControlStreams))]
    public void ControlStream_BreaksARule_EndsTheConnection(string hex, ulong error)
    {
        Assert.SkipWhen(
            hex == EnableConnectProtocolOf2 && Nghttp3Behaviour.IgnoresClientsConnectProtocol,
            "this nghttp3 takes no notice of it");
        var network = Start();
        var client = network.EstablishRaw();
        client.Send(client.OpenUnidirectional(), Hex(hex));
        Assert.True(network.Run(() => client.IsOver));
        Assert.Equal((CloseKind.Application, error), (client.CloseReason.Kind, client.CloseReason.Code));
    }

    [Theory]
    [InlineData("00 04 00")] // control
    [InlineData("02")] // QPACK encoder
    [InlineData("03")] // QPACK decoder
    public void CriticalStream_Ended_EndsTheConnection(string hex)
    {
        var network = Start();
        var client = network.EstablishRaw();
        client.Send(client.OpenUnidirectional(), Hex(hex), fin: true);
        Assert.True(network.Run(() => client.IsOver));
        Assert.Equal(Critical, client.CloseReason.Code);
    }

    [Theory]
    [InlineData("00 04 02 33 01")]
    [InlineData("00 04 02 33 00")]
    [InlineData("00 04 06 40 5f 44 d2 33 01")] // a reserved setting too
    [InlineData("00 04 00 21 03 01 02 03")] // a reserved frame
    [InlineData("21 01 02 03")] // a stream of a reserved type
    public void ControlStream_KeepsTheRules_ConnectionGoesOn(string hex)
    {
        var network = Start();
        var client = network.EstablishRaw();
        client.Send(client.OpenUnidirectional(), Hex(hex));
        network.Run(Time.Seconds(1));
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Request_WithoutSettings_IsAnswered()
    {
        // RFC 9114 §7.2.4.2: a server must not wait for the client's SETTINGS.
        var network = Start();
        var client = network.EstablishRaw();
        var stream = client.OpenBidirectional();
        client.Send(stream, RawClient.ConnectHeaders());
        Assert.True(network.Run(() => client.Received.ContainsKey(stream)));
        Assert.Single(network.Node.Connector.Tcp);
        client.Send(stream, Hex("00 03 61 62 63"));
        Assert.True(network.Run(() => network.Node.Connector.Tcp[0].Delivered == 3));
    }

    [Theory]
    [InlineData("00 01 61")] // DATA before HEADERS
    [InlineData("04 00")] // SETTINGS on a request stream
    [InlineData("07 01 00")] // GOAWAY
    public void RequestStream_FrameThatMustNotBeThere_EndsTheConnection(string hex)
    {
        var network = Start();
        var client = network.EstablishRaw();
        client.Send(client.OpenBidirectional(), Hex(hex));
        Assert.True(network.Run(() => client.IsOver));
        Assert.Equal(Unexpected, client.CloseReason.Code);
    }

    [Theory]
    [Seeds(3)]
    public void Streams_RandomBytes_AreSurvived(int seed)
    {
        var network = Start(seed: seed);
        var random = new Random(seed);
        for (var round = 0; round < 60; round++)
        {
            var client = network.EstablishRaw();
            if (random.Next(2) == 0)
                client.Send(client.OpenUnidirectional(), Hex("00 04 02 33 01"));
            for (var i = 0; i < 8 && !client.IsOver; i++)
            {
                var stream = random.Next(3) == 0 && i < 4 ? client.OpenUnidirectional() : client.OpenBidirectional();
                var bytes = new byte[random.Next(200)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0)
                    bytes = [.. RawClient.ConnectHeaders(), .. bytes];
                if (bytes.Length > 0 && random.Next(2) == 0)
                    bytes[0] = (byte)random.Next(16);
                client.Send(stream, bytes, fin: random.Next(2) == 0);
                if (random.Next(4) == 0)
                    client.Reset(stream, 0x10c);
                network.Run(Time.Milliseconds(random.Next(30)));
            }
            client.CloseWith(0x100);
        }
        var last = network.Establish();
        network.Answered(last.Connect());
    }

    [Fact]
    public void Request_CutShortByItsEnd_CostsAtMostItsConnection()
    {
        var network = Start();
        foreach (var hex in (string[])["", "01", "01 40", "01 10 00 00", "00"])
        {
            var client = network.EstablishRaw();
            var stream = client.OpenBidirectional();
            client.Send(stream, Hex(hex), fin: true);
            Assert.True(network.Run(() => client.IsOver || client.Resets.ContainsKey(stream)
                || network.Node.Connections.Open.All(static c => c.Carrier.StreamCount == 0)));
            client.CloseWith(0x100);
            network.Run(Time.Seconds(1));
        }
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", ""));
}
