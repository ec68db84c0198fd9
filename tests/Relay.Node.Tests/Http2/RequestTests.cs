using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Tests.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http2;

/// <summary>Requests over HTTP/2 and what they are answered.</summary>
public sealed class RequestTests
{
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";

    private static readonly (string, string)[] Connect = [(":method", "CONNECT"), (":authority", "target.test:80")];

    private sealed record Case(string Name, (string, string)[] Fields, int Status, string[] Answer)
    {
        public Action<Http2World> Given { get; init; } = static _ => { };

        public bool AsksForToken { get; init; }
    }

    private static readonly Case[] Cases =
    [
        new("tcp", Connect, 200, ["proxy-status: relay-node; next-hop=\"192.0.2.1:443\""]),
        new("no port", [(":method", "CONNECT"), (":authority", "target.test")], 400,
            ["proxy-status: relay-node; error=http_request_error"]),
        new("a page", [(":method", "GET"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/")], 404, []),
        new("another method", [(":method", "PUT"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/")],
            405, ["allow: CONNECT"]),
        new("no token", Connect, 407,
            ["proxy-status: relay-node; error=http_request_denied", "proxy-authenticate: Bearer realm=\"relay\""])
        {
            AsksForToken = true,
        },
        new("its token", [.. Connect, ("proxy-authorization", $"Bearer {Token}")], 200,
            ["proxy-status: relay-node; next-hop=\"192.0.2.1:443\""])
        {
            AsksForToken = true,
        },
        new("too large", [.. Connect, ("x", new string('x', 1000))], 431,
            ["proxy-status: relay-node; error=http_request_error"]),
        new("another protocol",
            [
                (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", "relay.test"),
                (":path", "/"),
            ], 501, ["proxy-status: relay-node; error=http_request_error"]),
        new("not reached", Connect, 502,
            ["proxy-status: relay-node; next-hop=\"203.0.113.9:80\"; error=connection_refused"])
        {
            Given = static world => world.Connector.Failure =
                new ConnectFailure(ProxyErrorType.ConnectionRefused, "203.0.113.9:80"),
        },
        new("draining", Connect, 503,
            ["proxy-status: relay-node; error=connection_limit_reached; details=\"draining\"", "retry-after: 1"])
        {
            Given = static world => world.World.Limits.Drain(),
        },
    ];

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Request_HasItsAnswer(string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        using var world = new Http2World(expected.AsksForToken ? new CarrierWorld(Asking()) : null);
        expected.Given(world);
        var stream = world.Client.Ask(expected.Fields);
        Assert.True(world.Run(() => stream.Status is not null));
        stream.Finish();
        Assert.True(world.Run(() => stream.IsClosed));
        Assert.Equal((expected.Status, true, 0u), (stream.Status, stream.Ended, stream.ClosedCode));
        Assert.Equal(WithAltSvc(expected.Answer), stream.Fields);
        Assert.Equal(expected.Status == 200 ? 0 : 1, world.World.Loop.Counters.RequestsRefused);
        world.AssertClean();
    }

    [Fact]
    public void Udp_IsAnsweredWithTheCapsuleProtocol()
    {
        using var world = new Http2World();
        Assert.True(world.Run(() => world.Client.HasPeerSettings));
        Assert.True(world.Client.PeerTakesExtendedConnect);
        var stream = world.Open(world.Client.ConnectUdp());
        Assert.Equal(
            WithAltSvc(["capsule-protocol: ?1", "proxy-status: relay-node; next-hop=\"192.0.2.1:443\""]), stream.Fields);
    }

    [Fact]
    public void Requests_OneAfterTheOther_LeaveNothing()
    {
        using var world = new Http2World();
        for (var i = 0; i < 300; i++)
        {
            var stream = world.Open(world.Client.Connect());
            stream.Send("hello"u8);
            stream.Finish();
            Assert.True(world.Run(() => stream.IsClosed));
            Assert.Equal("hello", Encoding.ASCII.GetString([.. stream.Body]));
        }
        Assert.Equal(300, world.World.Access.Count);
        world.AssertClean();
    }

    [Fact]
    public void Refused_GoesOnSending_IsToldToStopWithoutAnError()
    {
        using var world = new Http2World();
        var stream = world.Client.Ask(
            (":method", "POST"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));
        stream.SendPattern(1_000_000);
        Assert.True(world.Run(() => stream.IsClosed));
        Assert.Equal((404, true, Http2ErrorCode.NoError), (stream.Status, stream.Ended, stream.ResetCode));
        Assert.Equal(200, world.Open(world.Client.Connect()).Status);
    }

    [Fact]
    public void Streams_MoreThanAllowed_WaitAtTheClient()
    {
        using var world = new Http2World(parameters: Http2World.Default with { MaxConcurrentStreams = 3 });
        Assert.True(world.Run(() => world.Client.HasPeerSettings));
        var streams = Enumerable.Range(0, 5).Select(_ => world.Client.Connect()).ToArray();
        world.Run(Time.Seconds(1));
        Assert.Equal(3, streams.Count(static stream => stream.Status == 200));
        streams[0].Finish();
        Assert.True(world.Run(() => streams.Count(static stream => stream.Status == 200) == 4));
    }

    /// <summary>Who asks for a tunnel is told where HTTP/3 is to be had.</summary>
    private static string[] WithAltSvc(string[] fields) =>
        fields.Any(static field => field.StartsWith("proxy-status", StringComparison.Ordinal))
            ? [.. fields, "alt-svc: h3=\":443\""] : fields;

    private static Authenticator Asking() => new(
        new CredentialSet(
            null, new TokenTable<string>([(TokenHash.Create(Encoding.ASCII.GetBytes(Token)), "robot")])),
        new ManualQueue(), new FakeTimeProvider());
}
