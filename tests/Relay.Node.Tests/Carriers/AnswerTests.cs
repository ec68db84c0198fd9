using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Egress;
using Relay.Node.Sessions;
using Relay.Node.Targets;
using Relay.Node.Tests.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>What a request is answered, whatever carries it: each of these runs over every version of HTTP.</summary>
public class AnswerTests
{
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";
    private const string Reached = "relay-node; next-hop=\"192.0.2.1:443\"";
    private const string Malformed = "relay-node; error=http_request_error";
    private const string Denied = "relay-node; error=http_request_denied";
    private const string Prohibited = "relay-node; error=destination_ip_prohibited";
    private const string Unroutable = "relay-node; error=destination_ip_unroutable";
    private const string AltSvc = "h3=\":443\"";

    /// <summary>What is asked, and what is answered.</summary>
    private sealed record Case(string Name, Func<CarriedClient, CarriedTunnel> Ask, int Status, string? ProxyStatus)
    {
        public NodeSettings Settings { get; init; } = new();

        public Action<CarriedClient> Given { get; init; } = static _ => { };

        public bool AsksForCredentials { get; init; }

        public (string Name, string Value)? Field { get; init; }

        /// <summary>The target that is asked for.</summary>
        public string? Target { get; init; }

        /// <summary>A counter that the answer makes one of.</summary>
        public Func<LoopCounters, long> Counted { get; init; } = static _ => 1;
    }

    private static Case Tcp(string name, int status, string? proxyStatus, params (string, string)[] more) =>
        new(name, client => client.Connect(more: more), status, proxyStatus);

    private static Case Udp(string name, string path, string target) =>
        new(name, client => client.ConnectUdp(path), 200, Reached) { Target = target };

    private static Case ToTarget(string name, string target, int status, string proxyStatus, PolicyVerdict verdict) =>
        new(name, client => client.Connect(target), status, proxyStatus)
        {
            Given = static client => client.Connector.Policy = new TargetPolicy(
                [TargetRule.Parse("192.168.7.0/24:8000-8999")], [TargetRule.Parse("9.9.9.0/24")],
                [new IPEndPoint(IPAddress.Parse("1.0.0.1"), 443)], [IPAddress.Parse("1.0.0.1"), IPAddress.Parse("1.0.0.2")]),
            Counted = counters => verdict == PolicyVerdict.Allowed ? 1 : counters.PolicyDenials[(int)verdict],
        };

    private static Case Unreached(string name, ConnectFailure failure, int status, string proxyStatus) =>
        Tcp(name, status, proxyStatus) with { Given = client => client.Connector.Failure = failure };

    private static string LimitReached(string details) => $"relay-node; error=connection_limit_reached; details=\"{details}\"";

    private static Case Full(string name, string details, NodeSettings settings, Action<CarriedClient>? given = null) =>
        Tcp(name, 503, LimitReached(details)) with
        {
            Settings = settings,
            Given = given ?? (static _ => { }),
            Counted = static counters => counters.RefusedLimit,
        };

    private static readonly Case[] Cases =
    [
        Tcp("tcp", 200, Reached),
        new("udp", static client => client.ConnectUdp(), 200, Reached) { Field = ("capsule-protocol", "?1") },
        new("udp, IPv6", static client => client.ConnectUdp("/.well-known/masque/udp/2001%3Adb8%3A%3A1/53/"), 200, Reached),
        Udp("udp, IPv6 whose colons are encoded twice",
            "/.well-known/masque/udp/2001%253Adb8%253A%253A1/53/", "[2001:db8::1]:53"),
        Udp("udp by the operator's template", "/masque?target_host=target.test&target_port=53", "target.test:53") with
        {
            Settings = new NodeSettings { UdpTemplates = [CarrierWorld.Template] },
        },
        Udp("udp by the default beside it", "/.well-known/masque/udp/target.test/53/", "target.test:53") with
        {
            Settings = new NodeSettings { UdpTemplates = [CarrierWorld.Template] },
        },
        new("udp by a template that nobody gave", static client => client.ConnectUdp(
            "/masque?target_host=target.test&target_port=53"), 404, null),
        new("udp, no port", static client => client.ConnectUdp("/.well-known/masque/udp/target.test//"), 400, Malformed),
        new("no port", static client => client.Connect("target.test"), 400, Malformed),
        new("port 0", static client => client.Connect("target.test:0"), 400, Malformed),
        new("a page", static client => Get(client, "GET"), 404, null),
        new("another method", static client => Get(client, "PUT"), 405, null) { Field = ("allow", "CONNECT") },
        new("another protocol", static client => client.Ask((":method", "CONNECT"), (":protocol", "websocket"),
            (":scheme", "https"), (":authority", "relay.test"), (":path", "/chat")), 501, Malformed),
        new("udp with content", static client => client.ConnectUdp(more: ("content-type", "text/plain")), 400, Malformed),
        Tcp("as many fields as may be", 200, Reached, Fields(RequestHeaders.DefaultMaxFields)),
        Tcp("one field more", 431, Malformed, Fields(RequestHeaders.DefaultMaxFields + 1)),
        Tcp("as many fields as the operator says", 200, Reached, Fields(200)) with
        {
            Settings = new NodeSettings { MaxFields = 200 },
        },
        Tcp("one field more than that", 431, Malformed, Fields(201)) with
        {
            Settings = new NodeSettings { MaxFields = 200 },
            Counted = static counters => counters.RefusedTooLarge,
        },
        Tcp("a long field", 200, Reached, ("x", new string('x', 800))) with
        {
            Settings = new NodeSettings { MaxFieldSection = 1000 },
        },
        Tcp("a field that is too long", 431, Malformed, ("x", new string('x', 1000))) with
        {
            Settings = new NodeSettings { MaxFieldSection = 1000 },
        },

        Tcp("no credentials", 407, Denied) with
        {
            AsksForCredentials = true,
            Field = ("proxy-authenticate", "Basic realm=\"relay\", charset=\"UTF-8\""),
        },
        Tcp("another token", 407, Denied, ("proxy-authorization", "Bearer aaaabbbbccccddddeeeeff")) with
        {
            AsksForCredentials = true,
            Counted = static counters => counters.AuthFailures[(int)AuthenticationKind.Bearer],
        },
        Tcp("its token", 200, Reached, ("proxy-authorization", $"Bearer {Token}")) with { AsksForCredentials = true },
        Tcp("another password", 407, Denied, Basic("alice:guess")) with
        {
            AsksForCredentials = true,
            Field = ("proxy-authenticate", "Basic realm=\"relay\", charset=\"UTF-8\""),
            Counted = static counters => counters.AuthFailures[(int)AuthenticationKind.Basic],
        },
        Tcp("a password that nobody has the time to look at", 503, LimitReached("credential check busy"), Basic("alice:correct horse")) with
        {
            Settings = new NodeSettings { Authenticator = Asking(new ManualQueue(capacity: 0)) },
            Field = ("retry-after", "1"),
        },
        Tcp("its password", 200, Reached, Basic("alice:correct horse")) with { AsksForCredentials = true },

        Unreached("refused by the target", new(ProxyErrorType.ConnectionRefused, "203.0.113.9:80"), 502,
            "relay-node; next-hop=\"203.0.113.9:80\"; error=connection_refused"),
        Unreached("unknown name", new(ProxyErrorType.DnsError, Rcode: "NXDOMAIN"), 502,
            "relay-node; error=dns_error; rcode=\"NXDOMAIN\""),
        Unreached("a resolver that is asked too much", ConnectFailure.Limit(RefusalDetails.ResolverBusy), 503,
            LimitReached("resolver busy")),
        Unreached("silent", new(ProxyErrorType.ConnectionTimeout), 504, "relay-node; error=connection_timeout"),

        ToTarget("an address of the world", "8.8.8.8:443", 200, Reached, PolicyVerdict.Allowed),
        ToTarget("loopback", "127.0.0.1:80", 403, Prohibited, PolicyVerdict.Loopback),
        ToTarget("loopback within IPv6", "[::ffff:127.0.0.1]:80", 403, Prohibited, PolicyVerdict.Loopback),
        ToTarget("a private address", "10.1.2.3:80", 403, Prohibited, PolicyVerdict.Private),
        ToTarget("a private address that a rule allows", "192.168.7.1:8080", 200, Reached, PolicyVerdict.Allowed),
        ToTarget("its port that none allows", "192.168.7.1:22", 403, Prohibited, PolicyVerdict.Private),
        ToTarget("an address that a rule denies", "9.9.9.9:443", 403, Prohibited, PolicyVerdict.DeniedByRule),
        ToTarget("mail", "8.8.8.8:25", 403, Prohibited, PolicyVerdict.PortDenied),
        ToTarget("the relay itself", "1.0.0.1:443", 508, "relay-node; error=proxy_loop_detected", PolicyVerdict.OwnAddress),
        ToTarget("the relay's machine", "1.0.0.2:22", 403, Prohibited, PolicyVerdict.LocalAddress),
        ToTarget("a family without a source", "[2606:4700::1]:443", 502, Unroutable, PolicyVerdict.Allowed) with
        {
            Given = static client =>
            {
                client.Connector.Policy = new TargetPolicy([], [], [], []);
                client.Connector.Egress = new EgressPolicy(
                    new EgressConfig { FixedIPv4 = IPAddress.Parse("198.51.100.200") });
            },
        },
        Tcp("no source yet", 503, LimitReached("no egress lease")) with
        {
            Settings = new NodeSettings
            {
                Egress = new EgressState(new EgressConfig(), needsLease: true, static _ => { }, TimeProvider.System),
            },
            Field = ("retry-after", "5"),
            Counted = static counters => counters.RefusedWithoutEgress,
        },

        Full("no tunnel left of the node", "limit of the node", new NodeSettings { MaxTunnels = 0 }),
        Full("no tunnel left of the connection", "limit of the connection", new NodeSettings { MaxTunnelsPerConnection = 0 }),
        Full("no tunnel left of the identity", "limit of the identity, tunnels", new(),
            static client => Limit(client, new() { MaxTunnels = 0 })),
        Full("no session left of the identity", "limit of the identity, sessions", new(),
            static client => Limit(client, new() { MaxSessions = 0 })),
        Tcp("draining", 503, LimitReached("draining")) with
        {
            Given = static client => client.Limits.Drain(),
            Field = ("retry-after", "1"),
            Counted = static counters => counters.RefusedDraining,
        },
        // Whoever is not known yet is not told how the node is.
        Tcp("draining, by another password", 407, Denied, Basic("alice:guess")) with
        {
            AsksForCredentials = true,
            Given = static client => client.Limits.Drain(),
            Counted = static counters => counters.AuthFailures[(int)AuthenticationKind.Basic],
        },
        Tcp("draining, by its password", 503, LimitReached("draining"), Basic("alice:correct horse")) with
        {
            AsksForCredentials = true,
            Given = static client => client.Limits.Drain(),
            Field = ("retry-after", "1"),
            Counted = static counters => counters.RefusedDraining,
        },
    ];

    public static TheoryData<string, string> Questions => [.. Cases.SelectMany(
        static _ => (string[])["1.1", "2", "3"], static (one, http) => (http, one.Name))];

    [Theory]
    [MemberData(nameof(Questions))]
    public void Request_HasTheSameAnswerOverEach(string http, string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        var verifications = new ManualQueue();
        using var client = CarriedClient.Create(http, expected.AsksForCredentials
            ? expected.Settings with { Authenticator = Asking(verifications) } : expected.Settings);
        expected.Given(client);
        var tunnel = expected.Ask(client);
        Assert.True(client.Run(() => tunnel.Status != 0 || verifications.Waiting > 0));
        verifications.RunAll();
        client.Answered(tunnel);
        Assert.Equal((expected.Status, expected.ProxyStatus), (tunnel.Status, tunnel.Field("proxy-status")));
        if (expected.Field is { } field)
            Assert.Equal(field.Value, tunnel.Field(field.Name));
        if (expected.Target is not null)
            Assert.Equal(expected.Target, Assert.Single(client.Connector.Targets).ToString());
        // Over HTTP/3 it is known, and what is no request to a proxy is not told what else is here.
        Assert.Equal(http == "3" || expected.ProxyStatus is null ? null : AltSvc, tunnel.Field("alt-svc"));
        Assert.Equal(1, expected.Counted(client.Counters));
        if (expected.Status == 200)
            return;
        Assert.True(client.Run(() => tunnel.Ended));
        Assert.Equal(1, client.Counters.RequestsRefused);
        Assert.Empty(client.Connector.Tcp);
        Assert.Empty(client.Connector.Udp);
    }

    private static CarriedTunnel Get(CarriedClient client, string method) => client.Ask(
        (":method", method), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));

    private static (string, string)[] Fields(int count) =>
        [.. Enumerable.Range(0, count).Select(static number => ($"x-{number}", "y"))];

    private static (string, string) Basic(string credential) =>
        ("proxy-authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(credential))}");

    private static void Limit(CarriedClient client, IdentityLimits limits) =>
        client.Connection.Context.Sessions.Identities.Use(new Dictionary<string, IdentityLimits>(), limits);

    private static Authenticator Asking(ManualQueue verifications) => new(
        new CredentialSet(
            new PasswordTable(new Dictionary<string, PasswordHash>
            {
                ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
            }),
            new TokenTable<string>([(TokenHash.Create(Encoding.ASCII.GetBytes(Token)), "robot")])),
        verifications, TimeProvider.System);
}
