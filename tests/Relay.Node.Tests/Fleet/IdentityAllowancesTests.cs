using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Node.Fleet;
using Relay.Node.Sessions;

namespace Relay.Node.Tests.Fleet;

public class IdentityAllowancesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly IdentityTable _table = new();
    private readonly FakeSessions _sessions = new();
    private readonly IdentityAllowances _allowances;

    public IdentityAllowancesTests() => _allowances = new IdentityAllowances(_table, _clock);

    [Fact]
    public void Limits_AreThoseOfTheDirective_AndTheOthersForTheRest()
    {
        var (alice, bob) = (Begin("alice"), Begin("bob"));
        _allowances.Apply(
            [new IdentityAllowance("credential:alice", new IdentityLimit { Tunnels = 3, BytesPerSecond = 1000 })],
            new IdentityLimit { Sessions = 1 });
        Assert.Equal(new IdentityLimits { MaxTunnels = 3, BytesPerSecond = 1000 }, alice.Owner!.Limits);
        Assert.Equal(new IdentityLimits { MaxSessions = 1 }, bob.Owner!.Limits);
        Assert.False(_table.TryBegin(_sessions.Create("bob"), 0));
        _allowances.Apply([], null);
        Assert.Equal(IdentityLimits.None, alice.Owner.Limits);
        Assert.Equal(IdentityLimits.None, bob.Owner.Limits);
    }

    [Fact]
    public void Limits_TheSameAgain_AreNotHandedOn()
    {
        IdentityAllowance Limit() => new("credential:alice", new IdentityLimit { Tunnels = 3 });
        var alice = Begin("alice");
        _allowances.Apply([Limit()], null);
        var limits = alice.Owner!.Limits;
        _allowances.Apply([Limit()], null);
        Assert.Same(limits, alice.Owner.Limits);
    }

    [Fact]
    public void Usage_IsWhatCameSinceTheLastReport()
    {
        var alice = Begin("alice");
        alice.UpstreamBytes = 500;
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([new IdentityUsage("credential:alice", 1, 0, 500)], _allowances.Read());
        (alice.UpstreamBytes, alice.DownstreamBytes) = (1000, 3500);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([new IdentityUsage("credential:alice", 1, 0, 2000)], _allowances.Read());
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([new IdentityUsage("credential:alice", 1, 0, 0)], _allowances.Read());
    }

    [Fact]
    public void Refusal_IsAWishForMore_Once()
    {
        Begin("alice");
        _allowances.Apply([new IdentityAllowance("credential:alice", new IdentityLimit { Sessions = 1 })], null);
        Assert.False(Assert.Single(_allowances.Read()).Wants);
        Assert.False(_table.TryBegin(_sessions.Create("alice"), 0));
        Assert.True(Assert.Single(_allowances.Read()).Wants);
        Assert.False(Assert.Single(_allowances.Read()).Wants);
    }

    [Fact]
    public void Usage_OfMany_NamesTheLimitedOnesAndThoseThatUseMost()
    {
        for (var i = 0; i < 1000; i++)
            Begin($"user{i}").DownstreamBytes = i;
        _allowances.Apply([new IdentityAllowance("credential:user0", new IdentityLimit { Sessions = 1 })], null);
        Assert.False(_table.TryBegin(_sessions.Create("user0"), 0));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var usages = _allowances.Read().Select(static usage => usage.Identity).ToHashSet();
        Assert.Equal(IdentityAllowances.MaxOthers + 1, usages.Count);
        Assert.Contains("credential:user0", usages);
        Assert.Contains("credential:user999", usages);
        Assert.DoesNotContain("credential:user1", usages);
    }

    // A coordinator refuses a report that is larger than 256 KiB without its sessions, and the node with it.
    [Fact]
    public void Usage_OfMoreThanAReportHolds_LeavesOutThoseThatUseLeast()
    {
        var names = Enumerable.Range(0, 3000).Select(static i => $"{i}{new string('ä', 200)}").ToList();
        for (var i = 0; i < names.Count; i++)
            Begin(names[i]).DownstreamBytes = i;
        _allowances.Apply([.. names.Select(static name =>
            new IdentityAllowance($"credential:{name}", new IdentityLimit { Sessions = 1 }))], null);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var usages = _allowances.Read();
        Assert.InRange(
            JsonSerializer.SerializeToUtf8Bytes(usages, FleetJson.Of<IReadOnlyList<IdentityUsage>>()).Length,
            IdentityAllowances.MaxBytes / 2, IdentityAllowances.MaxBytes);
        Assert.Contains(usages, usage => usage.Identity == $"credential:{names[^1]}");
        Assert.DoesNotContain(usages, usage => usage.Identity == $"credential:{names[0]}");
    }

    private Session Begin(string name)
    {
        var session = _sessions.Create(name);
        Assert.True(_table.TryBegin(session, 0));
        return session;
    }
}
