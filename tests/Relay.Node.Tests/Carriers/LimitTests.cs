using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>What is counted together, whatever carries it.</summary>
public class LimitTests
{
    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void TunnelsOfTheNode_CountTogether_AndOneThatEndsMakesRoom(string http)
    {
        using var first = CarriedClient.Create("1.1", new NodeSettings { MaxTunnels = 3 });
        using var second = first.Beside("2");
        using var third = first.Beside("3");
        var open = first.Open(first.Connect());
        _ = second.Open(second.ConnectUdp());
        _ = third.Open(third.Connect());
        using var fourth = first.Beside(http);
        var refused = fourth.Answered(fourth.Connect());
        Assert.Equal((503, LimitReached("limit of the node")), (refused.Status, refused.Field("proxy-status")));
        Assert.Equal((1L, 3L), (first.Counters.RefusedLimit, first.Limits.Tunnels));

        open.Reset();
        Assert.True(first.Run(() => first.Limits.Tunnels == 2));
        using var fifth = first.Beside(http);
        _ = fifth.Open(fifth.Connect());
    }

    // An HTTP/1.1 connection is one tunnel by itself.
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void TunnelsOfAConnection_AreItsOwn(string http)
    {
        using var client = CarriedClient.Create(http, new NodeSettings { MaxTunnelsPerConnection = 1 });
        var open = client.Open(client.Connect());
        var refused = client.Answered(client.ConnectUdp());
        Assert.Equal((503, LimitReached("limit of the connection")), (refused.Status, refused.Field("proxy-status")));
        using var other = client.Beside(http);
        _ = other.Open(other.Connect());

        open.Reset();
        Assert.True(client.Run(() => client.Connection.TunnelCount == 0));
        _ = client.Open(client.Connect());
    }

    [Theory]
    [ClassData(typeof(HttpVersionPairs))]
    public void TunnelsOfAToken_CountTogether_OthersAreNotInTheirWay(string http, string other)
    {
        using var first = CarriedClient.Create(http, new NodeSettings { Authenticator = Asking() });
        Use(first, "credential:robot", new IdentityLimits { MaxTunnels = 2 });
        using var second = first.Beside(other);
        var open = first.Open(Ask(first, "robot"));
        _ = second.Open(Ask(second, "robot"));
        Assert.Equal((2, 2L, 0L), Usage(first, "credential:robot"));
        foreach (var version in (string[])[http, other])
        {
            using var third = first.Beside(version);
            var refused = third.Answered(Ask(third, "robot"));
            Assert.Equal((503, LimitReached("limit of the identity, tunnels")), (refused.Status, refused.Field("proxy-status")));
            using var neighbour = first.Beside(version);
            _ = neighbour.Open(Ask(neighbour, "other"));
        }
        Assert.Equal(2, Usage(first, "credential:robot").Refusals);

        open.Reset();
        Assert.True(first.Run(() => Usage(first, "credential:robot").Tunnels == 1));
        using var last = first.Beside(other);
        _ = last.Open(Ask(last, "robot"));
    }

    [Theory]
    [ClassData(typeof(HttpVersionPairs))]
    public void SessionsOfACertificate_CountTogether(string http, string other)
    {
        var certificate = Pattern.Bytes(32);
        var identity = SessionIdentity.OfCertificate(System.Security.Cryptography.SHA256.HashData(certificate)).Text;
        using var first = CarriedClient.Create(http);
        Use(first, identity, new IdentityLimits { MaxSessions = 1 });
        using var second = first.Beside(other);
        using var stranger = first.Beside(other);
        first.Connection.OnCertificate(certificate);
        second.Connection.OnCertificate(certificate);
        _ = first.Open(first.Connect());
        var refused = second.Answered(second.Connect());
        Assert.Equal((503, LimitReached("limit of the identity, sessions")), (refused.Status, refused.Field("proxy-status")));
        Assert.Equal((1, 1L, 1L), Usage(first, identity));
        _ = stranger.Open(stranger.Connect());
    }

    // Where a connection has many requests, it has a bound of its own; over HTTP/1.1 that of its source holds.
    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void FailedTargets_BeyondTheBurst_AreToldWhenToComeAgain(string http)
    {
        var burst = (http == "1.1" ? ScanLimits.Source : ScanLimits.Connection).Failures.Burst;
        using var client = CarriedClient.Create(http);
        client.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused);
        // At once, so that little of what is spent comes back meanwhile.
        var failed = Enumerable.Range(1, burst).Select(port => AskAnew(client, http, $"target.test:{port}")).ToArray();
        Assert.True(client.Run(() => failed.All(static one => one.Tunnel.Status == 502)));
        using var refused = AskAnew(client, http, "target.test:9999");
        client.Answered(refused.Tunnel);
        Assert.Equal(
            (429, "1", "relay-node; error=http_request_denied; details=\"scanning\""),
            (refused.Tunnel.Status, refused.Tunnel.Field("retry-after"), refused.Tunnel.Field("proxy-status")));
        Assert.Equal((1L, burst), (client.Counters.RefusedScanning, client.Connector.Targets.Count));

        client.Connector.Failure = null;
        client.Run(Time.Seconds(1));
        using var later = AskAnew(client, http, "target.test:9999");
        client.Open(later.Tunnel);
        foreach (var one in failed)
            one.Dispose();
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void GuessedTokens_BeyondTheBurst_AreToldWhenToComeAgain_AndRightOnesPass(string http)
    {
        using var client = CarriedClient.Create(http, new NodeSettings { Authenticator = Asking() });
        for (var i = 0; i < FailureLimiter.Burst; i++)
            Guess(client, http, 407);
        Guess(client, http, 429);
        using var own = client.Beside(http);
        _ = own.Open(Ask(own, "robot"));
    }

    private static string LimitReached(string details) => $"relay-node; error=connection_limit_reached; details=\"{details}\"";

    private static void Guess(CarriedClient client, string http, int status)
    {
        using var own = http == "1.1" ? client.Beside(http) : null;
        var answer = (own ?? client).Answered((own ?? client).Connect(more: ("proxy-authorization", "Bearer guess")));
        Assert.Equal(
            (status, $"relay-node; error=http_request_denied{(status == 429 ? "; details=\"wrong credentials\"" : "")}"),
            (answer.Status, answer.Field("proxy-status")));
        Assert.Equal(status == 429 ? "5" : null, answer.Field("retry-after"));
    }

    /// <summary>Asks for a target, on a connection of its own where a connection has one request.</summary>
    private static Asked AskAnew(CarriedClient client, string http, string authority)
    {
        var own = http == "1.1" ? client.Beside(http) : null;
        return new Asked(own, (own ?? client).Connect(authority));
    }

    private static CarriedTunnel Ask(CarriedClient client, string name) =>
        client.Connect(more: ("proxy-authorization", $"Bearer {Token(name)}"));

    private static void Use(CarriedClient client, string identity, IdentityLimits limits) =>
        client.Connection.Context.Sessions.Identities.Use(
            new Dictionary<string, IdentityLimits> { [identity] = limits }, IdentityLimits.None);

    private static (int Sessions, long Tunnels, long Refusals) Usage(CarriedClient client, string identity)
    {
        var usage = client.Connection.Context.Sessions.Identities.List().Single(usage => usage.Identity.Text == identity);
        return (usage.Sessions, usage.Tunnels, usage.Refusals);
    }

    private static string Token(string name) => $"{name}-kC6m1r0Yq7F3bV9tXw2pLz";

    private static Authenticator Asking() => new(
        new CredentialSet(null, new TokenTable<string>(
        [
            (TokenHash.Create(Encoding.ASCII.GetBytes(Token("robot"))), "robot"),
            (TokenHash.Create(Encoding.ASCII.GetBytes(Token("other"))), "other"),
        ])),
        new ManualQueue(), new ManualTime());

    /// <summary>A request, and the client that is there for it alone.</summary>
    private readonly record struct Asked(CarriedClient? Own, CarriedTunnel Tunnel) : IDisposable
    {
        public void Dispose() => Own?.Dispose();
    }

    /// <summary>Whose client has an error's answer and forgets to end its side.</summary>
    [Fact]
    public void Requests_ThatWereRefused_AndLeftOpen_AreEndedWhereTheyAreMany_AndTheConnectionGoesOn()
    {
        using var client = CarriedClient.Create("3", new NodeSettings { MaxTunnelsPerConnection = 4096, MaxBidirectionalStreams = 4112 });
        // None that would be a scan's.
        client.Connector.Failure = ConnectFailure.Limit(RefusalDetails.OpenFiles);
        for (var i = 0; i < 600; i++)
            Assert.Equal(503, client.Answered(client.Connect()).Status);
        Assert.InRange(client.Connection.Carrier.StreamCount, 1, ClientConnection.MaxLeft + 1);
        Assert.NotEqual(0, client.Connection.Loop.Counters.StreamsStopped);
        client.Connector.Failure = null;
        client.Open(client.Connect());
    }
}
