using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>Requests that break a rule: each has its answer, and the connection goes on.</summary>
public class MalformedRequestTests : InMemoryTests
{
    private const string Template = "/.well-known/masque/udp/";

    /// <summary>Fields as <c>name value</c>, separated by bars, and the status.</summary>
    public static TheoryData<string, int> Answered => new()
    {
        { ":method GET|:scheme https|:authority relay.test|:path /", 404 },
        { ":method HEAD|:scheme https|:authority relay.test|:path /", 404 },
        { ":method POST|:scheme https|:authority relay.test|:path /x", 404 },
        { ":method OPTIONS|:scheme https|:authority relay.test|:path /", 405 },
        { ":method DELETE|:scheme https|:authority relay.test|:path /", 405 },
        { ":method CONNECT|:authority target.test:0", 400 },
        { ":method CONNECT|:authority target.test:65536", 400 },
        { ":method CONNECT|:authority target.test:", 400 },
        { ":method CONNECT|:authority target.test", 400 },
        { ":method CONNECT|:authority :80", 400 },
        { Udp("target.test/0/"), 400 },
        { Udp("target.test/65536/"), 400 },
        { Udp("target.test/x/"), 400 },
        { Udp("target.test//"), 400 },
        { Udp("/53/"), 400 },
        { Udp("%20/53/"), 400 },
        { Udp("target.test/53/").Replace(":scheme https", ":scheme http"), 400 },
        { Udp("target.test/53/") + "|content-length 5", 400 },
        { Udp("target.test/53/") + "|content-type text/plain", 400 },
        { Udp("target.test/53/").Replace("connect-udp", "websocket"), 501 },
        { Udp("target.test/53/").Replace("connect-udp", "connect-ip"), 501 },
        { Udp("target.test/53/").Replace(Template, "/other/"), 404 },
    };

    [Theory]
    [MemberData(nameof(Answered))]
    public void Request_ThatOpensNoTunnel_IsAnswered(string fields, int status)
    {
        using var network = new Network();
        var client = network.Establish();
        var stream = client.Request(Split(fields));
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(status, stream.Status);
        Assert.Empty(network.Node.Connector.Targets);
        // A visitor who asks for no proxy is not told that here is one.
        Assert.Equal(status is not (404 or 405), stream.Headers.TryGetValue("proxy-status", out var proxy));
        Assert.StartsWith("relay-node", proxy ?? "relay-node", StringComparison.Ordinal);
        Assert.Equal(status == 405, stream.Headers.ContainsKey("allow"));
        Assert.Equal(0, stream.BodyLength);
        AssertGoesOn(network, client);
    }

    /// <summary>What HTTP/3 itself calls malformed may also be a stream error (RFC 9114 §4.1.2).</summary>
    [Theory]
    [InlineData(":method CONNECT|:scheme https|:authority target.test:80")]
    [InlineData(":method CONNECT|:authority target.test:80|:path /")]
    [InlineData(":method CONNECT")]
    [InlineData(":method GET|:authority relay.test|:path /")]
    [InlineData(":method GET|:scheme https|:authority relay.test|:path /|connection close")]
    [InlineData(":method GET|:scheme https|:authority relay.test|:path /|transfer-encoding chunked")]
    [InlineData(":method GET|:scheme https|:authority relay.test|accept x|:path /")]
    [InlineData(":method GET|:method GET|:scheme https|:authority relay.test|:path /")]
    [InlineData(":method GET|:scheme https|:authority relay.test|:path /|:unknown x")]
    [InlineData(":method GET|:protocol connect-udp|:scheme https|:authority relay.test|:path /")]
    public void Request_Malformed_IsRefusedAndTheConnectionGoesOn(string fields)
    {
        using var network = new Network();
        var client = network.Establish();
        var stream = client.Request(Split(fields));
        Assert.True(network.Run(() => stream.IsAnswered || client.IsOver));
        if (client.IsOver)
        {
            Assert.True(Nghttp3Behaviour.MalformedEndsConnection);
            client.AssertClosed(Http3ErrorCode.MessageError);
            Assert.Empty(network.Node.Connector.Targets);
            return;
        }
        Assert.True(
            stream.Status == 400 || stream.ResetCode == Http3ErrorCode.MessageError,
            $"{stream.Status} {stream.ResetCode}");
        Assert.Empty(network.Node.Connector.Targets);
        AssertGoesOn(network, client);
    }

    [Fact]
    public void Request_HeaderSectionTooLarge_IsRefusedAndTheConnectionGoesOn()
    {
        using var network = new Network();
        var client = network.Establish();
        var more = Enumerable.Range(0, 400).Select(static i => ($"x-{i}", new string('x', 100)));
        var stream = client.Request([.. Split(Udp("target.test/53/")), .. more]);
        Assert.True(network.Run(() => stream.IsAnswered));
        Assert.Equal(431, stream.Status);
        AssertGoesOn(network, client);
    }

    [Fact]
    public void Request_WithABodyThatIsRefused_LosesNoWindow()
    {
        // The connection's window must not shrink by what refused requests carried.
        var (network, client) = Start().WithClient();
        for (var i = 0; i < 40; i++)
        {
            var stream = client.Connect("no-port");
            stream.SendPattern(100_000);
            stream.Finish();
            Assert.True(network.Run(() => stream.Status == 400));
            stream.Reset(Http3ErrorCode.NoError);
            Assert.True(network.Run(() => stream.IsClosed));
        }
        network.Node.Connector.SetUpTcp = static flow => flow.Echo = false;
        var upload = client.Connect();
        upload.SendPattern(3_000_000);
        upload.Finish();
        Assert.True(network.Run(() => network.Node.Connector.Tcp.Count == 1
            && network.Node.Connector.Tcp[0].EndDelivered));
        Assert.True(network.Node.Connector.Tcp[0].DeliveredPattern);
    }

    [Fact]
    public void Response_ToARefusedRequest_ArrivesOnALossyPathToo()
    {
        // STOP_SENDING and the answer are in different packets when the first is lost.
        for (var seed = 1; seed <= 10; seed++)
        {
            using var network = new Network(seed: seed);
            var client = network.Establish(new ClientSettings { Path = PathConditions.Lossy(0.2, 0.3) });
            var streams = Enumerable.Range(0, 10).Select(_ => client.Connect("no-port")).ToList();
            foreach (var stream in streams)
                stream.SendPattern(3000);
            Assert.True(network.Simulation.Run(
                () => streams.TrueForAll(static s => s.Status == 400 && s.Ended), Time.Seconds(120)));
            Assert.Equal(QuicState.Open, client.State);
            network.CloseAndAssertClean();
        }
    }

    private static void AssertGoesOn(Network network, TestClient client)
    {
        network.Answered(client.Connect());
        network.CloseAndAssertClean();
    }

    private static string Udp(string path) =>
        $":method CONNECT|:protocol connect-udp|:scheme https|:authority relay.test|:path {Template}{path}";

    private static (string, string)[] Split(string fields) =>
        [.. fields.Split('|').Select(static f => f.Split(' ', 2)).Select(static p => (p[0], p.Length > 1 ? p[1] : ""))];
}
