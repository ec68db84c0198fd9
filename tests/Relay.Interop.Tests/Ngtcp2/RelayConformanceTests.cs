using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Interop.Tests.Relays;
using Relay.Interop.Tests.Wire;
using Relay.Protocol;

namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>What ngtcp2's client finds when it calls at a relay, and what only a relay has.</summary>
public sealed class RelayConformanceTests(RelayOnLoopback relay) : Conformance, IClassFixture<RelayOnLoopback>
{
    protected override async Task<int> PortAsync() => (await relay.StartedAsync()).Port;

    [Fact]
    public async Task The_front_page_says_nothing_of_itself()
    {
        using var folder = new ScratchFolder();
        GtlsClient.RequireInstalled();
        var run = await GtlsClient.GetAsync(
            await PortAsync(), "/", GtlsClient.WithoutBytes, $"--download={folder.Path}");

        run.AssertAnswered("404");
        Assert.All(run.ResponseFields, field => Assert.Matches("^(:status|content-length|content-type|date): ", field));
        var body = string.Concat(Directory.GetFiles(folder.Path).Select(File.ReadAllText));
        Assert.DoesNotMatch("(?i)relay|masque|proxy|connect", body);
    }

    [Theory]
    [InlineData("OPTIONS")]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task Other_methods_are_answered_and_refused(string method)
    {
        var run = await AskAsync($"--http-method={method}");

        Assert.True(run.Statuses is ["404" or "405"], $"Expected one refusal. {run.Output}");
    }

    [Fact]
    public async Task The_settings_are_those_of_a_relay()
    {
        GtlsClient.RequireInstalled();
        var run = await GtlsClient.GetAsync(await PortAsync(), "/");

        run.AssertAnswered("404");
        Assert.Equal(1ul, run.Settings.GetValueOrDefault(Http3Setting.EnableConnectProtocol));
        Assert.Equal(1ul, run.Settings.GetValueOrDefault(Http3Setting.H3Datagram));
        Assert.Equal(65535, run.TransportParameters["max_datagram_frame_size"]);
        Assert.Equal(0, run.TransportParameters["disable_active_migration"]);
    }

    [Fact]
    public async Task Early_data_is_not_taken_up_and_the_request_is_answered_all_the_same()
    {
        using var folder = new ScratchFolder();
        string[] remembered =
            [$"--session-file={folder.File("session")}", $"--tp-file={folder.File("parameters")}"];
        (await AskAsync([.. remembered, "--wait-for-ticket"])).AssertAnswered("404");

        var second = await AskAsync(remembered);

        second.AssertAnswered("404");
        Assert.True(
            second.Printed("^Early data was rejected by server") || !second.Printed(@" frm tx \d+ 0RTT "),
            $"Early data was accepted. {second.Output}");
    }

    [Fact]
    public async Task Both_versions_are_listed_in_version_negotiation()
    {
        var run = await AskAsync("--version=0x1a2a3a4a", "--preferred-versions=v2,v1");

        Assert.Contains(0x00000001u, run.OfferedVersions);
        Assert.Contains(0x6b3343cfu, run.OfferedVersions);
        run.AssertAnswered("404");
        Assert.Equal([0x6b3343cf], run.Versions);
    }

    [Fact]
    public async Task A_handshake_for_no_protocol_is_refused() =>
        Assert.Equal(
            InitialProbe.NoApplicationProtocol, await InitialProbe.OfferAsync(await PortAsync(), protocol: null));

    [Fact]
    public async Task A_packet_of_no_known_connection_is_answered_with_a_smaller_stateless_reset()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(IPAddress.Loopback, await PortAsync());
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var packet = RandomNumberGenerator.GetBytes(200);
        packet[0] = (byte)(0x40 | packet[0] & 0x3f);

        await socket.SendAsync(packet, deadline.Token);
        var answer = new byte[2048];
        var length = await socket.ReceiveAsync(answer, deadline.Token);

        // RFC 9000 section 10.3: the shape of a short header, at least 21 bytes, and smaller than what asked for it.
        Assert.Equal(0x40, answer[0] & 0xc0);
        Assert.InRange(length, 21, packet.Length - 1);
    }
}
