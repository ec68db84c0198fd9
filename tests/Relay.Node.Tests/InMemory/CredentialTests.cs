using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Sessions;
using Relay.Node.Tests.InMemory.World;

namespace Relay.Node.Tests.InMemory;

public class CredentialTests
{
    private const string Token = "kC6m1r0Yq7F3bV9tXw2pLz";
    private const string Proxy = "proxy-authorization";

    private readonly ManualQueue _queue = new(capacity: 2);
    private readonly FakeTimeProvider _clock = new();
    private readonly Authenticator _authenticator;

    public CredentialTests() => _authenticator = new Authenticator(Set(), _queue, _clock);

    [Theory]
    [InlineData("proxy-authorization")]
    [InlineData("authorization")]
    public void Basic_RightInEitherField_OpensTheTunnel(string field)
    {
        using var network = Asking();
        var client = network.Establish();
        Assert.Equal("anonymous", network.Node.Connection.Identity.Text);
        var stream = Ask(client, field, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        Assert.False(stream.IsAnswered);
        _queue.RunAll();
        Assert.True(network.Run(() => stream.Status == 200));
        Assert.Equal("credential:alice", network.Node.Connection.Identity.Text);
        network.CloseAndAssertClean();
    }

    [Theory]
    [InlineData("proxy-authorization", "Bearer")]
    [InlineData("authorization", "bearer")]
    public void Bearer_RightInEitherField_OpensTheTunnel(string field, string scheme)
    {
        using var network = Asking();
        var stream = Ask(network.Establish(), field, $"{scheme} {Token}");
        Assert.True(network.Run(() => stream.Status == 200));
        Assert.Equal("credential:robot", network.Node.Connection.Identity.Text);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Credentials_None_AreAskedForOfEveryKind()
    {
        using var network = Asking();
        var stream = network.Establish().Connect();
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal("relay-node; error=http_request_denied", stream.Headers["proxy-status"]);
        Assert.Equal(
            ["Basic realm=\"relay\", charset=\"UTF-8\"", "Bearer realm=\"relay\""], stream.All("proxy-authenticate"));
        Assert.Empty(network.Node.Connector.Targets);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Credentials_OfOneKind_AreChallengedForThatKindOnly()
    {
        _authenticator.Use(new CredentialSet(null, Tokens()));
        using var network = Asking();
        var client = network.Establish();
        var stream = Ask(client, Proxy, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal(["Bearer realm=\"relay\""], stream.All("proxy-authenticate"));
        var wrong = Ask(client, Proxy, $"Bearer {Token}x");
        Assert.True(network.Run(() => wrong.Status == 407));
        Assert.Equal(["Bearer realm=\"relay\", error=\"invalid_token\""], wrong.All("proxy-authenticate"));
        network.CloseAndAssertClean();
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("mallory", "correct horse")]
    [InlineData("alice", "")]
    public void Basic_WrongOrUnknown_IsDeniedAfterTheSameWork(string name, string password)
    {
        using var network = Asking();
        var stream = Ask(network.Establish(), Proxy, Basic(name, password));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal(2, stream.All("proxy-authenticate").Count);
        Assert.Empty(network.Node.Connector.Targets);
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Basic]);
        network.CloseAndAssertClean();
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic ")]
    [InlineData("Basic !!!!")]
    [InlineData("Basic YWxpY2U=")] // no colon
    [InlineData("Basic OnBhc3M=")] // no name
    [InlineData("Basic YWxp Y2U6cA==")]
    [InlineData("Bearer a b")]
    [InlineData("Bearer")]
    [InlineData("Digest username=\"alice\"")]
    [InlineData("YWxpY2U6Y29ycmVjdCBob3JzZQ==")]
    public void Credentials_Malformed_AreDeniedAtOnce(string value)
    {
        using var network = Asking();
        var stream = Ask(network.Establish(), Proxy, value);
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal(0, _queue.Waiting);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Credentials_InBothFields_ProxyAuthorizationDecides()
    {
        using var network = Asking();
        var client = network.Establish();
        var stream = client.Request(
            (":method", "CONNECT"), (":authority", "target.test:80"),
            ("authorization", $"Bearer {Token}"), ("proxy-authorization", $"Bearer {Token}x"));
        Assert.True(network.Run(() => stream.Status == 407));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Basic_VerifiedOnce_IsNotVerifiedAgain()
    {
        using var network = Asking();
        var client = network.Establish();
        var several = Enumerable.Range(0, 5).Select(_ => Ask(client, Proxy, Basic("alice", "correct horse"))).ToArray();
        Assert.True(network.Run(() => _queue.Waiting > 0));
        Assert.Equal(1, _queue.Waiting);
        _queue.RunAll();
        Assert.True(network.Run(() => several.All(static stream => stream.Status == 200)));
        var again = Ask(client, Proxy, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => again.Status == 200));
        Assert.Equal(0, _queue.Waiting);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Basic_WhileItIsVerified_WhatTheClientSentIsKept()
    {
        using var network = Asking();
        var client = network.Establish();
        var tcp = Ask(client, Proxy, Basic("alice", "correct horse"));
        tcp.SendPattern(50_000);
        tcp.Finish();
        var udp = client.ConnectUdp(more: (Proxy, Basic("alice", "correct horse")));
        udp.SendDatagram("one"u8);
        network.Run(Time.Milliseconds(500));
        Assert.Equal(1, _queue.Waiting);
        _queue.RunAll();
        Assert.True(network.Run(() => tcp.BodyLength == 50_000 && tcp.Ended && udp.DatagramCount == 1));
        Assert.True(tcp.BodyIsPattern);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Basic_ClientGoneBeforeTheResult_OpensNothing()
    {
        using var network = Asking();
        var client = network.Establish();
        var stream = Ask(client, Proxy, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        stream.Reset(Protocol.Http3ErrorCode.RequestCancelled);
        network.CloseAndAssertClean();
        _queue.RunAll();
        network.Run(Time.Seconds(1));
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Basic_TooManyWait_IsRefusedWithRetryAfter()
    {
        using var network = Asking();
        var client = network.Establish();
        var streams = new[] { "a", "b", "c" }.Select(password => Ask(client, Proxy, Basic("alice", password)))
            .ToArray();
        Assert.True(network.Run(() => streams[2].IsAnswered));
        Assert.Equal(503, streams[2].Status);
        Assert.Equal("1", streams[2].Headers["retry-after"]);
        _queue.RunAll();
        Assert.True(network.Run(() => streams[0].Status == 407 && streams[1].Status == 407));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Credentials_TooManyWrong_AreLimitedBySource_AndRightOnesPass()
    {
        using var network = Asking();
        var client = network.Establish();
        var first = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => first.Status == 200));
        for (var i = 0; i < FailureLimiter.Burst; i++)
        {
            var stream = Ask(client, Proxy, $"Bearer wrong-{i}");
            Assert.True(network.Run(() => stream.Status == 407));
        }
        var limited = Ask(client, Proxy, "Bearer wrong-again");
        Assert.True(network.Run(() => limited.Status == 429));
        Assert.Equal("5", limited.Headers["retry-after"]);
        var basic = Ask(client, Proxy, Basic("alice", "guess"));
        Assert.True(network.Run(() => basic.Status == 429));
        Assert.Equal(0, _queue.Waiting);
        var right = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => right.Status == 200));

        var other = network.Establish();
        var elsewhere = Ask(other, Proxy, "Bearer wrong");
        Assert.True(network.Run(() => elsewhere.Status == 407));
        _clock.Advance(FailureLimiter.Interval);
        var later = Ask(client, Proxy, "Bearer wrong-later");
        Assert.True(network.Run(() => later.Status == 407));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Session_WithOneName_RefusesAnother()
    {
        using var network = Asking();
        var client = network.Establish();
        var first = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => first.Status == 200));
        var second = Ask(client, Proxy, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        Assert.True(network.Run(() => second.Status == 407));
        Assert.Equal(2, second.All("proxy-authenticate").Count);
        Assert.Equal("credential:robot", network.Node.Connection.Identity.Text);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void CertificateAndCredentials_AreBothNeeded_AndTheCertificateNamesTheSession()
    {
        var root = new ClientAuthority();
        using var network = new Network(
            new NodeSettings { Tls = TestIdentity.ServerFor(root), Authenticator = _authenticator });
        var client = network.Establish(new ClientSettings { Tls = root.Client() });
        var without = client.Connect();
        Assert.True(network.Run(() => without.Status == 407));
        var with = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => with.Status == 200));
        Assert.Equal(IdentityKind.Certificate, network.Node.Connection.Identity.Kind);
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Credentials_Replaced_CountFromTheNextRequestOn()
    {
        using var network = Asking();
        var client = network.Establish();
        var open = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => open.Status == 200));
        _authenticator.Use(new CredentialSet(null, new TokenTable<string>([])));
        var next = Ask(client, Proxy, $"Bearer {Token}");
        Assert.True(network.Run(() => next.Status == 407));
        open.SendPattern(1000);
        Assert.True(network.Run(() => open.BodyLength == 1000));
        network.CloseAndAssertClean();
    }

    [Fact]
    public void Request_ForSomethingElse_IsNotAskedForCredentials()
    {
        using var network = Asking();
        var stream = network.Establish().Request(
            (":method", "GET"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));
        Assert.True(network.Run(() => stream.Status == 404));
        Assert.DoesNotContain("proxy-authenticate", stream.Headers.Keys);
        network.CloseAndAssertClean();
    }

    private Network Asking() => new(new NodeSettings { Authenticator = _authenticator });

    private static TestStream Ask(TestClient client, string field, string value) =>
        client.Request((":method", "CONNECT"), (":authority", "target.test:80"), (field, value));

    private static string Basic(string name, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"));

    private static CredentialSet Set() => new(
        new PasswordTable(new Dictionary<string, PasswordHash>
        {
            ["alice"] = PasswordHash.Create("correct horse"u8, iterations: 1000),
        }),
        Tokens());

    private static TokenTable<string> Tokens() => new([(TokenHash.Create(Encoding.ASCII.GetBytes(Token)), "robot")]);
}
