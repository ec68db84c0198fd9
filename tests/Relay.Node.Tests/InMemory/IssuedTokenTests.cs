using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Tests.Tokens;
using Relay.Node.Tokens;
using Relay.Testing.Tokens;

namespace Relay.Node.Tests.InMemory;

/// <summary>Tokens of an issuer, from a client to its tunnel.</summary>
public class IssuedTokenTests : InMemoryTests
{
    private const string Proxy = "proxy-authorization";

    private readonly ManualQueue _queue = new(capacity: 16);
    private readonly FakeTimeProvider _clock = new();
    private readonly TestIssuer _issuer = new();
    private readonly JwtAuthority _authority;
    private readonly List<JwtFault> _faults = [];

    public IssuedTokenTests()
    {
        _authority = new JwtAuthority(new JwtPolicy(TestIssuer.Name, [TestIssuer.Audience]), _clock) { Refused = _faults.Add };
        _authority.Use(JwtKeySetTests.Read(_issuer));
    }

    [Theory]
    [InlineData("proxy-authorization", "Bearer")]
    [InlineData("authorization", "bearer")]
    public void Token_RightInEitherField_OpensTheTunnel(string field, string scheme)
    {
        var (network, client) = Asking().WithClient();
        var stream = Ask(client, field, $"{scheme} {Issue()}");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 200));
        Assert.Equal($"jwt:{TestIssuer.Name}|alice", network.Node.Client.Identity.Text);
    }

    /// <summary>Nobody takes another's name: not a user's, not that of a credential of a file, and neither takes a bearer's.</summary>
    [Theory]
    [InlineData("user:alice")]
    [InlineData("credential:alice")]
    [InlineData("alice")]
    public void Bearer_WithTheNameOfAnother_IsSomebodyElse(string name)
    {
        var network = Asking();
        var client = network.Establish();
        Opened(network, client, Issue(name));
        Assert.Equal($"jwt:{TestIssuer.Name}|{name}", network.Node.Client.Identity.Text);
        // What a session used is accounted to one identity, also where the names are the same.
        network.Answered(Ask(client, Proxy, $"Bearer {NamedAs(name)}"), 407);
        var second = network.Establish();
        network.Answered(Ask(second, Proxy, $"Bearer {NamedAs($"{TestIssuer.Name}|{name}")}"));
        var stream = Ask(second, Proxy, $"Bearer {Issue(name)}");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 407));
    }

    [Fact]
    public void Token_OfAnotherBearerOnTheSameSession_IsRefused()
    {
        var (network, client) = Asking().WithClient();
        Opened(network, client, Issue());
        var second = Ask(client, Proxy, $"Bearer {Issue("bob")}");
        Verified(network);
        Assert.True(network.Run(() => second.Status == 407));
        Assert.Equal($"jwt:{TestIssuer.Name}|alice", network.Node.Client.Identity.Text);
    }

    [Fact]
    public void Token_VerifiedOnce_IsNotVerifiedAgainUntilItsEnd()
    {
        var (network, client) = Asking().WithClient();
        var token = Issue();
        var several = Enumerable.Range(0, 5).Select(_ => Ask(client, Proxy, $"Bearer {token}")).ToArray();
        Verified(network);
        Assert.True(network.Run(() => several.All(static stream => stream.Status == 200)));
        _clock.Advance(TimeSpan.FromMinutes(11) - TimeSpan.FromTicks(1));
        network.Answered(Ask(client, Proxy, $"Bearer {token}"));
        Assert.Equal(0, _queue.Waiting);

        _clock.Advance(TimeSpan.FromTicks(1));
        var late = Ask(client, Proxy, $"Bearer {token}");
        Verified(network);
        Assert.True(network.Run(() => late.Status == 407));
        Assert.Equal([JwtFault.Expired], _faults);
        // What is open lives on.
        several[0].SendPattern(1000);
        Assert.True(network.Run(() => several[0].BodyLength == 1000));
    }

    [Fact]
    public void Token_Refused_IsChallengedAsRfc6750Has_AndCounted()
    {
        var (network, client) = Asking().WithClient();
        var stream = Ask(client, Proxy, $"Bearer {Issue()}x");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal(["Bearer realm=\"relay\", error=\"invalid_token\""], stream.All("proxy-authenticate"));
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Bearer]);
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Tokens_TooManyWrong_AreLimitedBySource_AndRightOnesCostNothing()
    {
        var (network, client) = Asking().WithClient();
        for (var i = 0; i < 2 * FailureLimiter.Burst; i++)
            Opened(network, client, Issue(claim: i));
        for (var i = 0; i < FailureLimiter.Burst; i++)
        {
            var wrong = Ask(client, Proxy, $"Bearer a.b.{i}");
            Verified(network);
            Assert.True(network.Run(() => wrong.Status == 407));
        }
        network.Answered(Ask(client, Proxy, "Bearer a.b.c"), 429);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Tokens_TooManyAtOnce_AreRefusedWithRetryAfter()
    {
        var network = Start(new NodeSettings
        {
            Authenticator = new Authenticator(
                new CredentialSet(null, null, takesIssued: true), new ManualQueue(capacity: 0), _clock, _authority),
        });
        var stream = network.Answered(Ask(network.Establish(), Proxy, $"Bearer {Issue()}"), 503);
        Assert.Equal("1", stream.Headers["retry-after"]);
    }

    [Fact]
    public void Token_AsLongAsMayBe_IsRead_AndALongerOneIsNone()
    {
        var (network, client) = Asking().WithClient();
        var padding = AuthorizationField.MaxToken * 3 / 4;
        string token;
        do
            token = Issue(padding: --padding);
        while (token.Length > AuthorizationField.MaxToken);
        Opened(network, client, token);
        network.Answered(Ask(client, Proxy, $"Bearer {Issue(padding: padding + 3)}"), 407);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Keys_Rotated_TakeTheNewOnesAndKeepTheOld_UntilTheyAreWithdrawn()
    {
        using var next = new TestIssuer("two", rsa: true);
        var (network, client) = Asking().WithClient();
        var old = Issue();
        Opened(network, client, old);
        _authority.Use(JwtKeySetTests.Read(_issuer, next));
        // Without another look: its key is the same.
        network.Answered(Ask(client, Proxy, $"Bearer {old}"));
        Opened(network, client, next.Issue(_clock.GetUtcNow()));

        _authority.Use(JwtKeySetTests.Read(next));
        var stream = Ask(client, Proxy, $"Bearer {old}");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal([JwtFault.UnknownKey], _faults);
    }

    [Fact]
    public void Key_NotKnown_IsWaitedForOnce()
    {
        using var next = new TestIssuer("two");
        var renewal = new ManualRenewal();
        _authority.Renewal = renewal;
        var (network, client) = Asking().WithClient();
        var (good, bad) = (Ask(client, Proxy, $"Bearer {next.Issue(_clock.GetUtcNow())}"), Ask(client, Proxy, $"Bearer {Foreign()}"));
        Assert.True(network.Run(() => _queue.Waiting == 2));
        _queue.RunAll();
        Assert.Equal(2, renewal.Waiting);
        _authority.Use(JwtKeySetTests.Read(_issuer, next));
        renewal.End();
        Assert.Equal(2, _queue.Waiting);
        _queue.RunAll();
        Assert.True(network.Run(() => good.Status == 200 && bad.Status == 407));
        Assert.Equal(0, renewal.Waiting);
    }

    /// <summary>What is wrong with a token whatever the keys are is no reason to ask for them.</summary>
    [Fact]
    public void Key_NotKnown_OfATokenThatIsWrongAnyway_IsNotAskedFor()
    {
        using var next = new TestIssuer("two");
        _authority.Renewal = new ManualRenewal();
        var (network, client) = Asking().WithClient();
        var stream = Ask(client, Proxy, $"Bearer {next.Issue(_clock.GetUtcNow(), claims: static claims => claims["aud"] = "else")}");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal([JwtFault.Audience], _faults);
    }

    [Fact]
    public void Keys_NotThereYet_AreNotTheClientsFault()
    {
        var renewal = new ManualRenewal();
        var authority = new JwtAuthority(new JwtPolicy(TestIssuer.Name, [TestIssuer.Audience]), _clock) { Renewal = renewal };
        var network = Start(new NodeSettings { Authenticator = Asking(authority) });
        var client = network.Establish();
        for (var i = 0; i < 2 * FailureLimiter.Burst; i++)
        {
            var stream = Ask(client, Proxy, $"Bearer {Issue()}");
            Verified(network);
            renewal.End();
            Verified(network);
            Assert.True(network.Run(() => stream.Status == 503));
            Assert.Equal("1", stream.Headers["retry-after"]);
        }
    }

    [Fact]
    public void Token_OfAFile_GoesOnBesideThem()
    {
        var (network, client) = Asking().WithClient();
        network.Answered(Ask(client, Proxy, $"Bearer {NamedAs("robot")}"));
        Assert.Equal("credential:robot", network.Node.Client.Identity.Text);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Token_OfAnIssuer_WhereNoneIsConfigured_IsDeniedAtOnce()
    {
        var network = Start(new NodeSettings
        {
            Authenticator = new Authenticator(new CredentialSet(null, Tokens("robot")), _queue, _clock),
        });
        network.Answered(Ask(network.Establish(), Proxy, $"Bearer {Issue()}"), 407);
        Assert.Equal(0, _queue.Waiting);
    }

    private Network Asking() => Start(new NodeSettings { Authenticator = Asking(_authority) });

    private Authenticator Asking(JwtAuthority authority) => new(
        new CredentialSet(null, Tokens(
            "robot", "alice", "user:alice", "credential:alice", $"{TestIssuer.Name}|alice", $"{TestIssuer.Name}|user:alice",
            $"{TestIssuer.Name}|credential:alice"), takesIssued: true),
        _queue, _clock, authority);

    private void Opened(Network network, TestClient client, string token)
    {
        var stream = Ask(client, Proxy, $"Bearer {token}");
        Verified(network);
        Assert.True(network.Run(() => stream.Status == 200));
    }

    private void Verified(Network network)
    {
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
    }

    private string Issue(string subject = "alice", int claim = 0, int padding = 0) => _issuer.Issue(
        _clock.GetUtcNow(), subject, claims: claims =>
        {
            claims["n"] = claim;
            claims["padding"] = new string('a', padding);
        });

    private string Foreign()
    {
        using var other = new TestIssuer("three");
        return other.Issue(_clock.GetUtcNow());
    }

    private static TestStream Ask(TestClient client, string field, string value) =>
        client.Request((":method", "CONNECT"), (":authority", "target.test:80"), (field, value));

    /// <summary>A token of the file.</summary>
    private static string NamedAs(string name) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static TokenTable<string> Tokens(params string[] names) =>
        new(names.Select(static name => (TokenHash.Create(Encoding.ASCII.GetBytes(NamedAs(name))), name)));

    private sealed class ManualRenewal : IKeyRenewal
    {
        private readonly List<Action> _waiting = [];

        public int Waiting => _waiting.Count;

        public bool TryAwait(Action then)
        {
            _waiting.Add(then);
            return true;
        }

        public void End()
        {
            var waiting = _waiting.ToArray();
            _waiting.Clear();
            foreach (var then in waiting)
                then();
        }
    }
}
