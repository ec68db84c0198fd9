using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http;

/// <summary>What becomes of a request, whatever carries it: answer, Proxy-Status and access line.</summary>
public sealed class ClientRequestTests
{
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";
    private const string Malformed = "proxy-status: relay-node; error=http_request_error";
    private const string Denied = "proxy-status: relay-node; error=http_request_denied";
    private const string Start = "time=2026-01-02T03:04:05.000Z session=1 http=2 type=";
    private const string From = "client=198.51.100.1 identity=";

    private static readonly (string, string)[] Connect = [(":method", "CONNECT"), (":authority", "target.test:80")];

    private static readonly (string, string)[] ConnectUdp =
    [
        (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
        (":path", "/.well-known/masque/udp/target.test/53/"),
    ];

    /// <summary>A request, what stands in its way, and what comes of it.</summary>
    private sealed record Case(string Name, (string, string)[] Fields, int Status, string[] Answer, string? Access)
    {
        public Action<FakeCarrier> Given { get; init; } = static _ => { };

        public bool AsksForToken { get; init; }
    }

    private static readonly Case[] Cases =
    [
        new("tcp", Connect, 200, ["proxy-status: relay-node; next-hop=\"192.0.2.1:443\""],
            $"{Start}tcp outcome=completed duration_ms=0 bytes_up=0 bytes_down=0 egress=198.51.100.200:40000"
            + $" {From}anonymous"),
        new("udp", ConnectUdp, 200,
            ["capsule-protocol: ?1", "proxy-status: relay-node; next-hop=\"192.0.2.1:443\""],
            $"{Start}udp outcome=completed duration_ms=0 bytes_up=0 bytes_down=0 datagrams_up=0 datagrams_down=0"
            + $" egress=198.51.100.200:40000 {From}anonymous"),
        new("udp by another template", [.. ConnectUdp[..4], (":path", "/masque?target_host=a.test&target_port=53")], 200,
            ["capsule-protocol: ?1", "proxy-status: relay-node; next-hop=\"192.0.2.1:443\""],
            $"{Start}udp outcome=completed duration_ms=0 bytes_up=0 bytes_down=0 datagrams_up=0 datagrams_down=0"
            + $" egress=198.51.100.200:40000 {From}anonymous"),
        new("no port", [(":method", "CONNECT"), (":authority", "target.test")], 400, [Malformed], null),
        new("another method", [(":method", "PUT"), (":scheme", "https"), (":path", "/")], 405, ["allow: CONNECT"], null),
        new("a page", [(":method", "GET"), (":scheme", "https"), (":path", "/")], 404, [], null),
        new("another protocol", [(":method", "CONNECT"), (":protocol", "websocket")], 501, [Malformed], null),
        new("too large", [.. Connect, ("x", new string('x', 1000))], 431, [Malformed], null),
        new("not reached", Connect, 502,
            ["proxy-status: relay-node; next-hop=\"203.0.113.9:80\"; error=connection_refused"],
            $"{Start}tcp outcome=refused error=connection_refused duration_ms=0 bytes_up=0 bytes_down=0"
            + $" {From}anonymous")
        {
            Given = static carrier => carrier.Connector.Failure =
                new ConnectFailure(ProxyErrorType.ConnectionRefused, "203.0.113.9:80"),
        },
        new("unknown name", ConnectUdp, 502,
            ["proxy-status: relay-node; error=dns_error; rcode=\"NXDOMAIN\""],
            $"{Start}udp outcome=refused error=dns_error duration_ms=0 bytes_up=0 bytes_down=0 datagrams_up=0"
            + $" datagrams_down=0 {From}anonymous")
        {
            Given = static carrier => carrier.Connector.Failure =
                new ConnectFailure(ProxyErrorType.DnsError, Rcode: "NXDOMAIN"),
        },
        new("draining", Connect, 503,
            ["proxy-status: relay-node; error=connection_limit_reached; details=\"draining\"", "retry-after: 1"], null)
        {
            Given = static carrier => carrier.Limits.Drain(),
        },
        new("no token", Connect, 407, [Denied, "proxy-authenticate: Bearer realm=\"relay\""], null)
        {
            AsksForToken = true,
        },
        new("a wrong token", [.. Connect, ("proxy-authorization", "Bearer abcdefghij")], 407,
            [Denied, "proxy-authenticate: Bearer realm=\"relay\", error=\"invalid_token\""], null)
        {
            AsksForToken = true,
        },
        new("its token", [.. Connect, ("proxy-authorization", $"Bearer {Token}")], 200,
            ["proxy-status: relay-node; next-hop=\"192.0.2.1:443\""],
            $"{Start}tcp outcome=completed duration_ms=0 bytes_up=0 bytes_down=0 egress=198.51.100.200:40000"
            + $" {From}credential:robot")
        {
            AsksForToken = true,
        },
    ];

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Request_HasItsAnswerAndAccessLine(string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        using var carrier = new FakeCarrier(expected.AsksForToken ? Asking() : null);
        expected.Given(carrier);
        var stream = carrier.Ask(expected.Fields);
        stream.Request.OnEndOfStream();
        Assert.True(carrier.Run(() => stream.Ended));
        Assert.Equal((expected.Status, null), (stream.Status, stream.Aborted));
        Assert.Equal(expected.Answer, stream.Fields);
        Assert.True(stream.Request.IsOver);
        Assert.Equal(expected.Access is null ? [] : [expected.Access], carrier.Access);
        Assert.Equal(expected.Status == 200 ? 0 : 1, carrier.Loop.Counters.RequestsRefused);
        stream.Close();
        Assert.Equal((0, 0L), (carrier.Client.TunnelCount, carrier.Limits.Tunnels));
    }

    [Fact]
    public void Password_IsVerifiedOffTheLoopBeforeATargetIsAsked()
    {
        var queue = new ManualQueue();
        using var carrier = new FakeCarrier(AskingForPasswords(queue));
        var stream = carrier.Ask(WithPassword);
        carrier.Simulation.Run(Time.Seconds(1));
        Assert.Null(stream.Status);
        Assert.Empty(carrier.Connector.Targets);
        queue.RunAll();
        Assert.True(carrier.Run(() => stream.Status == 200));
        Assert.Equal("credential:alice", carrier.Client.Identity.Text);
    }

    /// <summary>What is asked of a node that drains waits until it is known who asks; what is sent meanwhile is not kept.</summary>
    [Fact]
    public void Refused_BeforeThePasswordIsVerified_HearsItAfter()
    {
        var queue = new ManualQueue();
        using var carrier = new FakeCarrier(AskingForPasswords(queue));
        carrier.Limits.Drain();
        var stream = carrier.Ask(WithPassword);
        carrier.Simulation.Run(Time.Seconds(1));
        Assert.Equal((null, true, false), (stream.Status, stream.Request.IsWaiting, stream.Request.IsOver));
        stream.Send(new byte[1024]);
        Assert.Equal((0L, false), (stream.Unconsumed, stream.Stopped));
        queue.RunAll();
        Assert.True(carrier.Run(() => stream.Ended));
        Assert.Equal((503, false, true), (stream.Status, stream.Request.IsWaiting, stream.Request.IsOver));
        Assert.Equal("credential:alice", carrier.Client.Identity.Text);
    }

    [Fact]
    public void Refused_BeforeThePasswordIsVerified_MayBeGoneByThen()
    {
        var queue = new ManualQueue();
        using var carrier = new FakeCarrier(AskingForPasswords(queue));
        carrier.Limits.Drain();
        var stream = carrier.Ask(WithPassword);
        stream.Close();
        Assert.False(stream.Request.IsWaiting);
        queue.RunAll();
        carrier.Simulation.Run(Time.Seconds(1));
        Assert.Equal((null, "anonymous"), (stream.Status, carrier.Client.Identity.Text));
        Assert.Equal(0, carrier.Loop.Counters.RequestsRefused);
    }

    [Fact]
    public void Refused_GoesOnSending_GetsItsWindowBackAndIsAskedToStop()
    {
        using var carrier = new FakeCarrier();
        var stream = carrier.Ask((":method", "GET"), (":scheme", "https"), (":path", "/"));
        for (var sent = 0; sent < 64 * 1024; sent += 1024)
        {
            stream.Send(new byte[1024]);
            Assert.Equal((0L, false), (stream.Unconsumed, stream.Stopped));
        }
        stream.Send(new byte[1]);
        Assert.Equal((0L, true), (stream.Unconsumed, stream.Stopped));
    }

    [Fact]
    public void Header_WithoutAnEnd_EndsTheConnection()
    {
        using var carrier = new FakeCarrier();
        _ = carrier.Ask([.. Connect, ("x", new string('x', 4000))]);
        Assert.Equal(["load"], carrier.Told);
    }

    private static (string, string)[] WithPassword =>
        [.. Connect, ("proxy-authorization", $"Basic {Convert.ToBase64String("alice:correct horse"u8)}")];

    private static Authenticator AskingForPasswords(ManualQueue queue) => new(
        new CredentialSet(
            new PasswordTable(new Dictionary<string, PasswordHash>
            {
                ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
            }),
            tokens: null),
        queue, new FakeTimeProvider());

    private static Authenticator Asking() => new(
        new CredentialSet(
            null, new TokenTable<string>([(TokenHash.Create(Encoding.ASCII.GetBytes(Token)), "robot")])),
        new ManualQueue(), new FakeTimeProvider());
}
