using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>
/// What holds whatever carries a request: each of these runs over every version of HTTP, and knows none.
/// </summary>
public class CarrierTests
{
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";
    private const string Reached = "relay-node; next-hop=\"192.0.2.1:443\"";

    /// <summary>What is asked, and what is answered.</summary>
    private sealed record Case(string Name, Func<CarriedClient, CarriedTunnel> Ask, int Status, string? ProxyStatus)
    {
        public Action<CarriedClient> Given { get; init; } = static _ => { };

        public bool AsksForToken { get; init; }

        public (string Name, string Value)? Field { get; init; }
    }

    private static readonly Case[] Cases =
    [
        new("tcp", static client => client.Connect(), 200, Reached),
        new("udp", static client => client.ConnectUdp(), 200, Reached) { Field = ("capsule-protocol", "?1") },
        new("udp, IPv6", static client => client.ConnectUdp("/.well-known/masque/udp/2001%3Adb8%3A%3A1/53/"), 200, Reached),
        new("udp, no port", static client => client.ConnectUdp("/.well-known/masque/udp/target.test//"), 400,
            "relay-node; error=http_request_error"),
        new("no port", static client => client.Connect("target.test"), 400, "relay-node; error=http_request_error"),
        new("port 0", static client => client.Connect("target.test:0"), 400, "relay-node; error=http_request_error"),
        new("a page", static client => Get(client, "GET"), 404, null),
        new("another method", static client => Get(client, "PUT"), 405, null) { Field = ("allow", "CONNECT") },
        new("no token", static client => client.Connect(), 407, "relay-node; error=http_request_denied")
        {
            AsksForToken = true,
            Field = ("proxy-authenticate", "Bearer realm=\"relay\""),
        },
        new("another token", static client => client.Connect(more: ("proxy-authorization", "Bearer aaaabbbbccccddddeeeeff")),
            407, "relay-node; error=http_request_denied")
        {
            AsksForToken = true,
        },
        new("its token", static client => client.Connect(more: ("proxy-authorization", $"Bearer {Token}")), 200, Reached)
        {
            AsksForToken = true,
        },
        new("refused by the target", static client => client.Connect(), 502,
            "relay-node; next-hop=\"203.0.113.9:80\"; error=connection_refused")
        {
            Given = static client => client.Connector.Failure =
                new ConnectFailure(ProxyErrorType.ConnectionRefused, "203.0.113.9:80"),
        },
        new("unknown name", static client => client.ConnectUdp(), 502, "relay-node; error=dns_error; rcode=\"NXDOMAIN\"")
        {
            Given = static client => client.Connector.Failure =
                new ConnectFailure(ProxyErrorType.DnsError, Rcode: "NXDOMAIN"),
        },
        new("prohibited", static client => client.Connect(), 403, "relay-node; error=destination_ip_prohibited")
        {
            Given = static client => client.Connector.Failure =
                new ConnectFailure(ProxyErrorType.DestinationIpProhibited),
        },
        new("silent", static client => client.Connect(), 504, "relay-node; error=connection_timeout")
        {
            Given = static client => client.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionTimeout),
        },
        new("draining", static client => client.Connect(), 503, "relay-node; error=connection_limit_reached")
        {
            Given = static client => client.Limits.Drain(),
            Field = ("retry-after", "1"),
        },
    ];

    public static TheoryData<string, string> Questions => [.. Cases.SelectMany(
        static _ => (string[])["1.1", "2", "3"], static (one, http) => (http, one.Name))];

    [Theory]
    [MemberData(nameof(Questions))]
    public void Request_HasTheSameAnswerOverEach(string http, string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        using var client = CarriedClient.Create(http, expected.AsksForToken ? AskingForToken() : null);
        expected.Given(client);
        var tunnel = expected.Ask(client);
        Assert.True(client.Run(() => tunnel.Status != 0));
        Assert.Equal((expected.Status, expected.ProxyStatus), (tunnel.Status, tunnel.Field("proxy-status")));
        if (expected.Field is { } field)
            Assert.Equal(field.Value, tunnel.Field(field.Name));
        if (expected.Status == 200)
            return;
        Assert.True(client.Run(() => tunnel.Ended));
        Assert.Equal(1, client.Loop.Counters.RequestsRefused);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Tunnel_ClientsEnd_ReachesTheTarget_AndTheTargetsTheClient(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.SetUpTcp = static flow => flow.Source = 100_000;
        var tunnel = client.Open(client.Connect());
        tunnel.Send(Pattern.Bytes(70_000));
        tunnel.Finish();
        var flow = Assert.Single(client.Connector.Tcp);
        Assert.True(client.Run(() => flow.EndDelivered && tunnel.BodyLength == 100_000));
        Assert.Equal((70_000L, true), (flow.Delivered, flow.DeliveredPattern));
        Assert.False(tunnel.Ended);
        flow.End();
        Assert.True(client.Run(() => tunnel.Ended && client.Outcomes.Count == 1));
        Assert.True(Pattern.Matches(tunnel.Body, 0));
        Assert.Equal("completed", client.Outcomes[0]);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Tunnel_TargetsReset_IsNoEndInOrder(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        client.Connector.Tcp[0].Reset();
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.False(tunnel.Ended);
        Assert.Equal(["target_aborted"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Tunnel_ClientsReset_ResetsTheTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        tunnel.Send("half a"u8);
        Assert.True(client.Run(() => client.Connector.Tcp[0].Delivered == 6));
        tunnel.Reset();
        Assert.True(client.Run(() => client.Connector.Tcp[0].IsClosed));
        Assert.Equal((1, false), (client.Connector.Tcp[0].Aborts, client.Connector.Tcp[0].EndDelivered));
        Assert.Equal(["client_aborted"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Udp_ByCapsules_IsEchoed_AndEndsWithItsSilence(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.ConnectUdp());
        tunnel.Send(Capsules.Write(CapsuleType.Datagram, 0, "echo"u8));
        var flow = Assert.Single(client.Connector.Udp);
        Assert.True(client.Run(() => flow.SentCount == 1));
        Assert.Equal("echo"u8, flow.Sent[0]);
        client.Run(Time.Seconds(119));
        Assert.Empty(client.Outcomes);
        Assert.True(client.Run(() => client.Outcomes.Count == 1 && tunnel.Ended));
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Udp_CapsuleBeforeTheAnswer_IsKeptForTheTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.Hold = true;
        var tunnel = client.ConnectUdp();
        tunnel.Send(Capsules.Write(CapsuleType.Datagram, 0, "early"u8));
        Assert.True(client.Run(() => client.Connector.HeldCount == 1));
        client.Run(Time.Milliseconds(500));
        Assert.Equal(0, tunnel.Status);
        client.Connector.Release();
        Assert.True(client.Run(() => tunnel.Status == 200 && client.Connector.Udp[0].SentCount == 1));
        Assert.Equal("early"u8, client.Connector.Udp[0].Sent[0]);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Udp_TruncatedCapsule_IsAViolation(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.ConnectUdp());
        tunnel.Send(Capsules.Header(CapsuleType.Datagram, 10));
        tunnel.Finish();
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.Equal(["protocol_violation"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Drain_OpenTunnel_EndsInOrder_AndThenItsConnection(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        client.Drain();
        client.Run(Time.Seconds(30));
        Assert.False(client.IsOver);
        tunnel.Send("on"u8);
        Assert.True(client.Run(() => tunnel.BodyLength == 2));
        tunnel.Finish();
        Assert.True(client.Run(() => client.IsOver));
        Assert.True(tunnel.Ended);
        Assert.Equal(["completed"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Drain_ConnectionWithoutRequests_Ends(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Drain();
        Assert.True(client.Run(() => client.IsOver));
        Assert.True(client.Loop.Now < Time.Seconds(1010));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Deadline_EndsWhatIsLeft_ByForce(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        Assert.Equal(1, client.Connection.ForceCloseTunnels());
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.Equal(["force_closed"], client.Outcomes);
        Assert.Equal(1, client.Connector.Tcp[0].Aborts);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Silence_OfATunnel_EndsItsConnection_AndItsTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        _ = client.Open(client.Connect());
        client.Run(Time.Seconds(595));
        Assert.False(client.IsOver);
        Assert.True(client.Run(() => client.IsOver && client.Outcomes.Count == 1));
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Target_ThatGoesOnAfterTheClientsEnd_HasItsTime(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.SetUpTcp = static _ => { };
        var tunnel = client.Open(client.Connect());
        tunnel.Finish();
        Assert.True(client.Run(() => client.Connector.Tcp[0].EndDelivered));
        client.Run(Time.Seconds(29));
        Assert.Empty(client.Outcomes);
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Counters_TellTheVersion(string http)
    {
        using var client = CarriedClient.Create(http);
        _ = client.Open(client.Connect());
        Assert.Equal(
            Enum.GetValues<HttpProtocol>().Select(one => HttpProtocolNames.Of(one) == http ? 1L : 0L), client.Loop.Counters.Carried);
    }

    private static CarriedTunnel Get(CarriedClient client, string method) => client.Ask(
        (":method", method), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));

    private static Authenticator AskingForToken() => new(
        new CredentialSet(null, new TokenTable<string>([(TokenHash.Create(Token.Select(static c => (byte)c).ToArray()), "robot")])),
        new ManualQueue(), TimeProvider.System);
}
