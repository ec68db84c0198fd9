using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Tests.Tokens;
using Relay.Node.Tests.Users;
using Relay.Node.Tokens;
using Relay.Node.Users;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.InMemory;

/// <summary>The fleet's users as clients: beside files, and never in another's name.</summary>
public class UserCredentialTests : InMemoryTests
{
    private const string Proxy = "proxy-authorization";
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";

    private readonly ManualQueue _queue = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly Authenticator _authenticator;

    public UserCredentialTests()
    {
        _authenticator = new Authenticator(new CredentialSet(null, null, takesUsers: true), _queue, _clock);
        Use(SampleUsers.User("alice", devices: 2), SampleUsers.User("bob"));
    }

    public static TheoryData<string, string> Forms => new()
    {
        { "proxy-authorization", Bearer("alice") },
        { "authorization", Bearer("alice") },
        { "proxy-authorization", Basic("alice", SampleUsers.Secret("alice")) },
        { "authorization", Basic("alice", SampleUsers.Secret("alice", device: 2)) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Secret_OfAUser_OpensTheTunnel_InItsName(string field, string value)
    {
        var (network, client) = Asking().WithClient();
        network.Answered(Ask(client, value, field));
        Assert.Equal("user:alice", network.Node.Client.Identity.Text);
        Assert.Equal(0, _queue.Waiting);
    }

    public static TheoryData<string> Wrong =>
    [
        "Bearer " + SampleUsers.Secret("mallory"),
        Bearer("alice") + "x",
        Basic("bob", SampleUsers.Secret("alice")),
        Basic("Alice", SampleUsers.Secret("alice")),
        Basic("alice ", SampleUsers.Secret("alice")),
        Basic("alice", SampleUsers.Secret("alice") + ":"),
        Basic("alice", ""),
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Wrong_IsChallenged_AndCountedForItsSource(string value)
    {
        var (network, client) = Asking().WithClient();
        var refused = network.Answered(Ask(client, value), 407);
        var bearer = value.StartsWith("Bearer", StringComparison.Ordinal) ? ", error=\"invalid_token\"" : "";
        Assert.Equal(
            ["Basic realm=\"relay\", charset=\"UTF-8\"", $"Bearer realm=\"relay\"{bearer}"], refused.All("proxy-authenticate"));
        for (var i = 1; i < FailureLimiter.Burst; i++)
            network.Answered(Ask(client, value), 407);
        network.Answered(Ask(client, value), 429);
        Assert.Empty(network.Node.Connector.Targets);
        network.Answered(Ask(client, Bearer("alice")));
    }

    [Fact]
    public void NoCredentials_AreAskedForOfBothKinds()
    {
        var (network, client) = Asking().WithClient();
        Assert.Equal(
            ["Basic realm=\"relay\", charset=\"UTF-8\"", "Bearer realm=\"relay\""],
            network.Answered(client.Connect(), 407).All("proxy-authenticate"));
    }

    [Fact]
    public void Disabled_Removed_AndTooOld_AreRefused()
    {
        var (network, client) = Asking().WithClient();
        Use(SampleUsers.User("alice") with { IsDisabled = true });
        network.Answered(Ask(client, Bearer("alice")), 407);
        network.Answered(Ask(client, Bearer("bob")), 407);
        Use(SampleUsers.User("alice"));
        network.Answered(Ask(client, Bearer("alice")));
        _authenticator.Use(UserTable.Empty);
        network.Answered(Ask(client, Bearer("alice")), 407);
    }

    [Fact]
    public void Expired_IsRefusedByTheWallClock_ItsUserOrItsCredential()
    {
        var (now, network) = (_clock.GetUtcNow(), Asking());
        Use(
            SampleUsers.User("alice", expires: now.AddMinutes(1)),
            SampleUsers.User("bob") with
            {
                Credentials = [SampleUsers.Credential("bob", 1, now.AddMinutes(2)), SampleUsers.Credential("bob", 2)],
            });
        var (alice, bob) = (network.Establish(), network.Establish());
        network.Answered(Ask(alice, Bearer("alice")));
        _clock.Advance(TimeSpan.FromMinutes(1));
        network.Answered(Ask(alice, Bearer("alice")), 407);
        network.Answered(Ask(bob, Bearer("bob")));
        _clock.Advance(TimeSpan.FromMinutes(1));
        network.Answered(Ask(bob, Bearer("bob")), 407);
        network.Answered(Ask(bob, "Bearer " + SampleUsers.Secret("bob", device: 2)));
    }

    [Fact]
    public void Files_GoOnWorkingBesideUsers()
    {
        _authenticator.Use(Files());
        var network = Asking();
        var (robot, alice, phone) = (network.Establish(), network.Establish(), network.Establish());
        network.Answered(Ask(robot, $"Bearer {Token}"));
        network.Answered(Ask(phone, Bearer("bob")));
        var slow = Ask(alice, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        network.Answered(slow);
        Assert.Equal(
            ["credential:alice", "credential:alice", "user:bob"],
            network.Node.Connections.Open.Select(static one => one.Identity.Text).Order(StringComparer.Ordinal));
    }

    // In both files and among the users there is an "alice".
    [Fact]
    public void NameOfAFile_IsNeverAUsers_NorAUsersTheFiles()
    {
        _authenticator.Use(Files());
        var network = Asking();
        var (file, user) = (network.Establish(), network.Establish());
        network.Answered(Ask(file, $"Bearer {Token}"));
        network.Answered(Ask(file, Bearer("alice")), 407);
        network.Answered(Ask(file, Basic("alice", SampleUsers.Secret("alice"))), 407);
        network.Answered(Ask(user, Bearer("alice")));
        network.Answered(Ask(user, $"Bearer {Token}"), 407);
        Assert.Equal(
            ["credential:alice", "user:alice"],
            network.Node.Connections.Open.Select(static one => one.Identity.Text).Order(StringComparer.Ordinal));
        Assert.False(CredentialLine.IsName("user:alice"));
    }

    // An issuer may call its bearers what it will: "alice", or "user:alice".
    [Theory]
    [InlineData("alice")]
    [InlineData("user:alice")]
    public void BearerOfAnIssuer_IsNeverAUser_NorAUserABearer(string subject)
    {
        using var issuer = new TestIssuer();
        var authority = new JwtAuthority(new JwtPolicy(TestIssuer.Name, [TestIssuer.Audience]), _clock);
        authority.Use(JwtKeySetTests.Read(issuer));
        var authenticator = new Authenticator(new CredentialSet(null, null, takesIssued: true, takesUsers: true), _queue, _clock, authority);
        authenticator.Use(SampleUsers.Set(1, SampleUsers.User("alice")).Table);
        var network = Start(new NodeSettings { Authenticator = authenticator });
        var (user, bearer) = (network.Establish(), network.Establish());

        network.Answered(Ask(user, Bearer("alice")));
        Assert.Equal(0, _queue.Waiting);
        var ofBearer = Verified(bearer);
        Assert.True(network.Run(() => ofBearer.Status == 200));
        Assert.Equal(
            [$"jwt:{TestIssuer.Name}|{subject}", "user:alice"],
            network.Node.Connections.Open.Select(static one => one.Identity.Text).Order(StringComparer.Ordinal));
        network.Answered(Ask(bearer, Bearer("alice")), 407);
        var ofUser = Verified(user);
        Assert.True(network.Run(() => ofUser.Status == 407));
        // Wrong as both, it is counted once.
        Assert.Equal(2, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Bearer]);

        TestStream Verified(TestClient client)
        {
            var stream = Ask(client, "Bearer " + issuer.Issue(_clock.GetUtcNow(), subject, claims: claims => claims["n"] = client == user));
            Assert.True(network.Run(() => _queue.Waiting == 1));
            _queue.RunAll();
            return stream;
        }
    }

    [Fact]
    public void Session_OfOneUser_RefusesAnother_AndTakesAnotherDeviceOfItsOwn()
    {
        var (network, client) = Asking().WithClient();
        network.Answered(Ask(client, Bearer("alice")));
        network.Answered(Ask(client, Bearer("bob")), 407);
        network.Answered(Ask(client, "Bearer " + SampleUsers.Secret("alice", device: 2)));
        Assert.Equal(
            [SampleUsers.HashOf("alice", 1), SampleUsers.HashOf("alice", 2)], network.Node.Client.Session.UserSecrets);
    }

    [Fact]
    public void Session_OfACertificate_IsStillOneUsers()
    {
        var root = new ClientAuthority();
        var network = Start(new NodeSettings { Tls = TestIdentity.ServerFor(root), Authenticator = _authenticator });
        var client = network.Establish(new ClientSettings { Tls = root.Client() });
        network.Answered(Ask(client, Bearer("alice")));
        Assert.StartsWith("certificate:", network.Node.Client.Identity.Text, StringComparison.Ordinal);
        network.Answered(Ask(client, Bearer("bob")), 407);
        network.Answered(Ask(client, Bearer("alice")));
        Assert.Equal([SampleUsers.HashOf("alice", 1)], network.Node.Client.Session.UserSecrets);
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Bearer]);
    }

    private Network Asking() => Start(new NodeSettings { Authenticator = _authenticator });

    private void Use(params UserEntry[] users) => _authenticator.Use(SampleUsers.Set(1, users).Table);

    private static CredentialSet Files() => new(
        new PasswordTable(new Dictionary<string, PasswordHash>
        {
            ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
        }),
        new TokenTable<string>([(TokenHash.Create(Encoding.ASCII.GetBytes(Token)), "alice")]), takesUsers: true);

    private static TestStream Ask(TestClient client, string value, string field = Proxy) =>
        client.Request((":method", "CONNECT"), (":authority", "target.test:80"), (field, value));

    private static string Bearer(string user) => "Bearer " + SampleUsers.Secret(user);

    private static string Basic(string name, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));
}
