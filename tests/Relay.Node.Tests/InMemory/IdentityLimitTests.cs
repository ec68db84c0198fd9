using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>What an identity uses is counted over its connections, from whatever addresses they come.</summary>
public class IdentityLimitTests : InMemoryTests
{
    private readonly ManualQueue _queue = new();
    private readonly Authenticator _authenticator;

    public IdentityLimitTests() => _authenticator = new Authenticator(
        new CredentialSet(
            new PasswordTable(new Dictionary<string, PasswordHash>
            {
                ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
            }),
            new TokenTable<string>(
            [
                (TokenHash.Create(Encoding.ASCII.GetBytes(Token("robot"))), "robot"),
                (TokenHash.Create(Encoding.ASCII.GetBytes(Token("other"))), "other"),
            ])),
        _queue, TimeProvider.System);

    [Fact]
    public void Tunnels_OfAnIdentity_AreLimitedOverItsConnections_OthersAreNot()
    {
        var network = Asking();
        Use(network, "credential:robot", new IdentityLimits { MaxTunnels = 2 });
        var (first, second) = (network.Establish(), network.Establish());
        var open = Ask(network, first, "robot");
        Assert.Equal((200, 200), (open.Status, Ask(network, second, "robot").Status));
        var refused = Ask(network, first, "robot");
        Assert.Equal(
            (503, "relay-node; error=connection_limit_reached; details=\"limit of the identity, tunnels\""), (refused.Status, refused.Headers["proxy-status"]));
        Assert.Equal(1, network.Node.Loop.Counters.RefusedLimit);
        Assert.Equal(200, Ask(network, network.Establish(), "other").Status);
        Assert.Equal((2, 2L, 1L), Usage(network, "credential:robot"));

        open.Finish();
        Assert.True(network.Run(() => open.IsClosed));
        Assert.Equal(200, Ask(network, second, "robot").Status);
    }

    [Fact]
    public void Sessions_OfAnIdentity_AreLimited_AndOneThatEndsMakesRoom()
    {
        var network = Asking();
        Use(network, "credential:robot", new IdentityLimits { MaxSessions = 1 });
        var (first, second) = (network.Establish(), network.Establish());
        Assert.Equal((200, 503), (Ask(network, first, "robot").Status, Ask(network, second, "robot").Status));
        Assert.Equal(200, Ask(network, first, "robot").Status);
        first.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 1));
        Assert.Equal(200, Ask(network, second, "robot").Status);
    }

    [Fact]
    public void Session_WhoseUploadIsStillDelivered_LastsUntilItIs()
    {
        var network = Asking();
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish();
        var stream = Ask(network, client, "robot");
        stream.SendPattern(5000);
        stream.Finish();
        Assert.True(network.Run(() => stream.Pending == 0));
        network.Run(Time.Seconds(1));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        Assert.Equal((1, 1L, 0L), Usage(network, "credential:robot"));
        network.CloseAndAssertClean();
        Assert.Empty(network.Node.Context.Sessions.Identities.List());
    }

    [Fact]
    public void Limit_ReachedWhileAPasswordIsVerified_IsAnswered()
    {
        var network = Asking();
        Use(network, "credential:alice", new IdentityLimits { MaxTunnels = 0 });
        var client = network.Establish();
        var stream = client.ConnectUdp(
            more: ("proxy-authorization", "Basic " + Convert.ToBase64String("alice:correct horse"u8)));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        Assert.True(network.Run(() => stream.Status == 503));
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Scan_FromManyAddresses_IsBoundedByIdentity_OthersAreNot()
    {
        var network = Asking();
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.ConnectionRefused);
        var (each, all) = (ScanLimits.Connection.Failures.Burst, ScanLimits.Source.Failures.Burst);
        TestStream[] streams = [];
        // While they ask, a little of the budget comes back.
        for (var i = 0; i <= all / each; i++)
        {
            var client = network.Establish();
            streams = [.. Enumerable.Range(0, each).Select(_ => Connect(client, Authorization("robot")))];
            Assert.True(network.Run(() => streams.All(static stream => stream.IsAnswered)));
        }
        Assert.Equal((429, "1"), (streams[^1].Status, streams[^1].Headers["retry-after"]));
        Assert.Equal(streams.Count(static stream => stream.Status == 429), network.Node.Loop.Counters.RefusedScanning);
        network.Node.Connector.Failure = null;
        Assert.Equal(200, Ask(network, network.Establish(), "other").Status);
    }

    [Fact]
    public void Bytes_OfAnIdentity_AreThoseOfItsTunnels()
    {
        var network = Asking();
        var stream = Ask(network, network.Establish(), "robot");
        stream.Send(new byte[1000]);
        Assert.True(network.Run(() => stream.BodyLength == 1000));
        var usage = Assert.Single(network.Node.Context.Sessions.Identities.List());
        Assert.Equal((1000L, 1000L), (usage.UpstreamBytes, usage.DownstreamBytes));
    }

    private Network Asking() => Start(new NodeSettings { Authenticator = _authenticator });

    private static void Use(Network network, string identity, IdentityLimits limits) =>
        network.Node.Context.Sessions.Identities.Use(
            new Dictionary<string, IdentityLimits> { [identity] = limits }, IdentityLimits.None);

    private static (int Sessions, long Tunnels, long Refusals) Usage(Network network, string identity)
    {
        var usage = network.Node.Context.Sessions.Identities.List().Single(usage => usage.Identity.Text == identity);
        return (usage.Sessions, usage.Tunnels, usage.Refusals);
    }

    private static TestStream Ask(Network network, TestClient client, string name)
    {
        var stream = Connect(client, Authorization(name));
        Assert.True(network.Run(() => stream.IsAnswered));
        return stream;
    }

    private static TestStream Connect(TestClient client, (string Name, string Value) authorization) =>
        client.Request((":method", "CONNECT"), (":authority", "target.test:80"), authorization);

    private static (string Name, string Value) Authorization(string name) =>
        ("proxy-authorization", $"Bearer {Token(name)}");

    private static string Token(string name) => $"{name}-kC6m1r0Yq7F3bV9tXw2pLz";
}
