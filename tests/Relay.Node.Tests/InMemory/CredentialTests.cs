using System.Text;
using Microsoft.Extensions.Time.Testing;
using Relay.Hosting.Credentials;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Sessions;

namespace Relay.Node.Tests.InMemory;

public class CredentialTests : InMemoryTests
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
        var (network, client) = Asking().WithClient();
        Assert.Equal("anonymous", network.Node.Client.Identity.Text);
        var stream = Ask(client, field, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        Assert.False(stream.IsAnswered);
        _queue.RunAll();
        Assert.True(network.Run(() => stream.Status == 200));
        Assert.Equal("credential:alice", network.Node.Client.Identity.Text);
    }

    [Theory]
    [InlineData("proxy-authorization", "Bearer")]
    [InlineData("authorization", "bearer")]
    public void Bearer_RightInEitherField_OpensTheTunnel(string field, string scheme)
    {
        var network = Asking();
        network.Answered(Ask(network.Establish(), field, $"{scheme} {Token}"));
        Assert.Equal("credential:robot", network.Node.Client.Identity.Text);
    }

    [Fact]
    public void Credentials_None_AreAskedForOfEveryKind()
    {
        var network = Asking();
        var stream = network.Answered(network.Establish().Connect(), 407);
        Assert.Equal("relay-node; error=http_request_denied", stream.Headers["proxy-status"]);
        Assert.Equal(
            ["Basic realm=\"relay\", charset=\"UTF-8\"", "Bearer realm=\"relay\""], stream.All("proxy-authenticate"));
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Credentials_OfOneKind_AreChallengedForThatKindOnly()
    {
        _authenticator.Use(new CredentialSet(null, Tokens()));
        var (network, client) = Asking().WithClient();
        var stream = network.Answered(Ask(client, Proxy, Basic("alice", "correct horse")), 407);
        Assert.Equal(["Bearer realm=\"relay\""], stream.All("proxy-authenticate"));
        var wrong = network.Answered(Ask(client, Proxy, $"Bearer {Token}x"), 407);
        Assert.Equal(["Bearer realm=\"relay\", error=\"invalid_token\""], wrong.All("proxy-authenticate"));
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("mallory", "correct horse")]
    [InlineData("alice", "")]
    public void Basic_WrongOrUnknown_IsDeniedAfterTheSameWork(string name, string password)
    {
        var network = Asking();
        var stream = Ask(network.Establish(), Proxy, Basic(name, password));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        Assert.True(network.Run(() => stream.Status == 407));
        Assert.Equal(2, stream.All("proxy-authenticate").Count);
        Assert.Empty(network.Node.Connector.Targets);
        Assert.Equal(1, network.Node.Loop.Counters.AuthFailures[(int)AuthenticationKind.Basic]);
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
        var network = Asking();
        network.Answered(Ask(network.Establish(), Proxy, value), 407);
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Credentials_InBothFields_ProxyAuthorizationDecides()
    {
        var (network, client) = Asking().WithClient();
        var stream = network.Answered(client.Request(
            (":method", "CONNECT"), (":authority", "target.test:80"),
            ("authorization", $"Bearer {Token}"), ("proxy-authorization", $"Bearer {Token}x")), 407);
    }

    [Fact]
    public void Basic_VerifiedOnce_IsNotVerifiedAgain()
    {
        var (network, client) = Asking().WithClient();
        var several = Enumerable.Range(0, 5).Select(_ => Ask(client, Proxy, Basic("alice", "correct horse"))).ToArray();
        Assert.True(network.Run(() => _queue.Waiting > 0));
        Assert.Equal(1, _queue.Waiting);
        _queue.RunAll();
        Assert.True(network.Run(() => several.All(static stream => stream.Status == 200)));
        network.Answered(Ask(client, Proxy, Basic("alice", "correct horse")));
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public void Basic_WhileItIsVerified_WhatTheClientSentIsKept()
    {
        var (network, client) = Asking().WithClient();
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
    }

    [Fact]
    public void Basic_ClientGoneBeforeTheResult_OpensNothing()
    {
        var (network, client) = Asking().WithClient();
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
        var (network, client) = Asking().WithClient();
        var streams = new[] { "a", "b", "c" }.Select(password => Ask(client, Proxy, Basic("alice", password)))
            .ToArray();
        Assert.True(network.Run(() => streams[2].IsAnswered));
        Assert.Equal(503, streams[2].Status);
        Assert.Equal("1", streams[2].Headers["retry-after"]);
        _queue.RunAll();
        Assert.True(network.Run(() => streams[0].Status == 407 && streams[1].Status == 407));
    }

    [Fact]
    public void Credentials_TooManyWrong_AreLimitedBySource_AndRightOnesPass()
    {
        var (network, client) = Asking().WithClient();
        network.Answered(Ask(client, Proxy, $"Bearer {Token}"));
        for (var i = 0; i < FailureLimiter.Burst; i++)
        {
            network.Answered(Ask(client, Proxy, $"Bearer wrong-{i}"), 407);
        }
        var limited = network.Answered(Ask(client, Proxy, "Bearer wrong-again"), 429);
        Assert.Equal("5", limited.Headers["retry-after"]);
        network.Answered(Ask(client, Proxy, Basic("alice", "guess")), 429);
        Assert.Equal(0, _queue.Waiting);
        network.Answered(Ask(client, Proxy, $"Bearer {Token}"));

        var other = network.Establish();
        network.Answered(Ask(other, Proxy, "Bearer wrong"), 407);
        _clock.Advance(FailureLimiter.Interval);
        var later = network.Answered(Ask(client, Proxy, "Bearer wrong-later"), 407);
    }

    [Fact]
    public void Session_WithOneName_RefusesAnother()
    {
        var (network, client) = Asking().WithClient();
        network.Answered(Ask(client, Proxy, $"Bearer {Token}"));
        var second = Ask(client, Proxy, Basic("alice", "correct horse"));
        Assert.True(network.Run(() => _queue.Waiting == 1));
        _queue.RunAll();
        Assert.True(network.Run(() => second.Status == 407));
        Assert.Equal(2, second.All("proxy-authenticate").Count);
        Assert.Equal("credential:robot", network.Node.Client.Identity.Text);
    }

    [Fact]
    public void CertificateAndCredentials_AreBothNeeded_AndTheCertificateNamesTheSession()
    {
        var root = new ClientAuthority();
        var network = Start(
            new NodeSettings { Tls = TestIdentity.ServerFor(root), Authenticator = _authenticator });
        var client = network.Establish(new ClientSettings { Tls = root.Client() });
        network.Answered(client.Connect(), 407);
        network.Answered(Ask(client, Proxy, $"Bearer {Token}"));
        Assert.Equal(IdentityKind.Certificate, network.Node.Client.Identity.Kind);
    }

    [Fact]
    public void Credentials_Replaced_CountFromTheNextRequestOn()
    {
        var (network, client) = Asking().WithClient();
        var open = network.Answered(Ask(client, Proxy, $"Bearer {Token}"));
        _authenticator.Use(new CredentialSet(null, new TokenTable<string>([])));
        network.Answered(Ask(client, Proxy, $"Bearer {Token}"), 407);
        open.SendPattern(1000);
        Assert.True(network.Run(() => open.BodyLength == 1000));
    }

    [Fact]
    public void Request_ForSomethingElse_IsNotAskedForCredentials()
    {
        var network = Asking();
        var stream = network.Answered(network.Establish().Request(
            (":method", "GET"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/")), 404);
        Assert.DoesNotContain("proxy-authenticate", stream.Headers.Keys);
    }

    private Network Asking() => Start(new NodeSettings { Authenticator = _authenticator });

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
