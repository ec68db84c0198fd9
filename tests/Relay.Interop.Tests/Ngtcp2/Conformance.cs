using System.Net.Sockets;
using Relay.Interop.Tests.Wire;

namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>
/// What any HTTP/3 server owes to ngtcp2's client. The tests run twice: against the relay, and against ngtcp2's own
/// server, which shows that a failure is the relay's and not the test's.
/// </summary>
public abstract class Conformance
{
    private const uint Version1 = 0x00000001;
    private const uint Version2 = 0x6b3343cf;

    /// <summary>A path that the server has nothing at.</summary>
    private const string Nothing = "/nothing-here";

    // The client acts once the handshake is over and asks once it has acted.
    private const string AskAfterwards = "--delay-stream=300ms";

    /// <summary>The port on 127.0.0.1 of the server under test, started when the first test asks.</summary>
    protected abstract Task<int> PortAsync();

    [Theory]
    [InlineData("v1", Version1)]
    [InlineData("v2", Version2)]
    public async Task Both_versions_of_QUIC_are_spoken(string name, uint version)
    {
        var run = await AskAsync($"--version={name}");

        run.AssertAnswered("404");
        Assert.Equal([version], run.Versions);
    }

    [Fact]
    public async Task A_client_of_an_unknown_version_is_told_what_is_spoken()
    {
        var run = await AskAsync("--version=0x1a2a3a4a", "--preferred-versions=v1");

        Assert.Contains(Version1, run.OfferedVersions);
        run.AssertAnswered("404");
        Assert.Equal([Version1], run.Versions);
    }

    [Theory]
    [InlineData("AES-128-GCM")]
    [InlineData("AES-256-GCM")]
    [InlineData("CHACHA20-POLY1305")]
    public async Task Keys_are_updated_under_every_cipher(string cipher)
    {
        var run = await AskAsync(GtlsClient.Cipher(cipher), "--key-update=100ms", AskAfterwards);

        run.AssertAnswered("404");
        Assert.Equal(cipher, run.Cipher);
        Assert.True(run.Printed(" pkt rx .* type=1RTT k=1"), $"Nothing came under the new keys. {run.Output}");
    }

    [Theory]
    [InlineData("X25519")]
    [InlineData("SECP256R1")]
    [InlineData("SECP384R1")]
    public async Task Keys_are_agreed_in_every_group(string group)
    {
        var run = await AskAsync(GtlsClient.Group(group));

        run.AssertAnswered("404");
        Assert.Equal(group, run.Group);
    }

    [Fact]
    public async Task A_client_migrates_to_another_address()
    {
        var run = await AskAsync("--change-local-addr=100ms", AskAfterwards);

        run.AssertAnswered("404");
        Assert.Equal(2, run.LocalPorts.Length);
        Assert.True(
            run.Printed($@"^Path validation against path .*:{run.LocalPorts[1]}, .* succeeded"),
            $"The new path was not validated. {run.Output}");
    }

    [Fact]
    public async Task A_client_whose_address_changes_unnoticed_is_followed()
    {
        var run = await AskAsync("--change-local-addr=100ms", "--nat-rebinding", AskAfterwards);

        run.AssertAnswered("404");
        Assert.Equal(2, run.LocalPorts.Length);
        Assert.True(run.Received("PATH_CHALLENGE"), $"The server did not validate the new path. {run.Output}");
    }

    [Fact]
    public async Task Many_requests_share_a_connection()
    {
        var run = await AskAsync("--nstreams=100");

        Assert.True(run.Statuses.Length == 100, $"{run.Statuses.Length} answers. {run.Output}");
        Assert.All(run.Statuses, status => Assert.Equal("404", status));
    }

    [Fact]
    public async Task A_request_that_is_still_being_sent_is_answered()
    {
        using var folder = new ScratchFolder();
        var content = folder.Write("content", new string('x', 1_000_000));
        var run = await AskAsync("--http-method=POST", $"--data={content}");

        run.AssertAnswered("404");
    }

    [Fact]
    public async Task Loss_in_both_directions_delays_and_breaks_nothing()
    {
        var run = await AskAsync("--tx-loss=0.2", "--rx-loss=0.2", "--initial-rtt=20ms", "--nstreams=50");

        Assert.True(run.Statuses.Length == 50, $"{run.Statuses.Length} answers. {run.Output}");
        Assert.All(run.Statuses, status => Assert.Equal("404", status));
    }

    [Fact]
    public async Task A_session_is_resumed_without_the_certificate()
    {
        using var folder = new ScratchFolder();
        var session = $"--session-file={folder.File("session")}";
        var first = await AskAsync(session, "--wait-for-ticket", "--disable-early-data");
        first.AssertAnswered("404");
        Assert.True(File.Exists(folder.File("session")), $"No ticket came. {first.Output}");

        var second = await AskAsync(session, "--disable-early-data");

        second.AssertAnswered("404");
        Assert.InRange(second.HandshakeBytes, 1, first.HandshakeBytes / 2);
    }

    [Fact]
    public async Task Version_negotiation_answers_only_what_could_begin_a_connection()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(IPAddress.Loopback, await PortAsync());
        using var deadline = Eventually.Deadline(Limits.Exchange);

        // Too small to begin a connection (RFC 9000 section 6.1), and itself a Version Negotiation packet: were either
        // of them answered, that answer would come first and not echo the connection IDs of the last question.
        await socket.SendAsync(VersionProbe.Question(VersionProbe.ReservedVersion, 1100), deadline.Token);
        await socket.SendAsync(VersionProbe.Question(0, 1200), deadline.Token);
        var versions = await VersionProbe.AskAsync(socket, deadline.Token);

        Assert.Contains(Version1, versions);
    }

    [Fact]
    public async Task A_handshake_for_HTTP_3_is_taken_up() =>
        Assert.Null(await InitialProbe.OfferAsync(await PortAsync(), "h3"));

    [Theory]
    [InlineData("h2")]
    [InlineData("h3-29")]
    [InlineData("doq")]
    public async Task A_handshake_for_another_protocol_is_refused(string protocol) =>
        Assert.Equal(
            InitialProbe.NoApplicationProtocol, await InitialProbe.OfferAsync(await PortAsync(), protocol));

    private protected async Task<GtlsRun> AskAsync(params string[] options)
    {
        GtlsClient.RequireInstalled();
        return await GtlsClient.GetAsync(await PortAsync(), Nothing, [GtlsClient.WithoutBytes, .. options]);
    }
}
