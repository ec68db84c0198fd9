using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public class NodeRegistryTests
{
    private static readonly FleetTimings Timings = new();
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    [Fact]
    public void Tick_AfterAPauseOfItsOwn_BlamesNoNode()
    {
        var registry = new NodeRegistry(Timings, _now);
        registry.Observe(Node("a"), _now);

        _now += TimeSpan.FromHours(2);

        Assert.Equal(RegistryTick.None, registry.Tick(_now));
        var silent = Enumerable.Range(0, 60).SelectMany(_ => Pass(registry).Silent).ToArray();
        Assert.Equal(["a"], silent.Select(node => node.Id));
    }

    [Fact]
    public void Tick_OfAStoredFleet_GivesEachNodeTheWholeTimeout()
    {
        var registry = new NodeRegistry(Timings, _now);
        registry.Observe(Node("a"), _now);
        var restored = new NodeRegistry(Timings, _now += TimeSpan.FromDays(1), registry.ToState());

        var silentAfter = Enumerable.Range(1, 60).First(_ => Pass(restored).Silent.Count > 0);

        Assert.Equal(Timings.NodeTimeout.TotalSeconds, silentAfter);
    }

    /// <summary>A start gives everybody a timeout to be heard of, but for whom nobody will hear.</summary>
    [Fact]
    public void StaticPrefixes_OfAStoredFleet_AreNotThoseOfWhoIsQuarantined()
    {
        var registry = new NodeRegistry(Timings, _now);
        var prefix = Prefix.Parse("2001:db8::/64");
        registry.Observe(Node("a") with { StaticPrefixes = [prefix] }, _now);
        registry.Observe(Node("liar") with { StaticPrefixes = [prefix] }, _now);
        var quarantine = new QuarantineDecider();
        quarantine.Put("liar", null, _now);
        registry.Follow(quarantine, _now);

        var restored = new NodeRegistry(Timings, _now, registry.ToState());

        Assert.Equal([("a", prefix)], restored.StaticPrefixes);
    }

    [Fact]
    public void Hear_OfANodeThatSomebodyStandsInFor_KeepsItFromSilence_AsItWas()
    {
        var registry = new NodeRegistry(Timings, _now);
        var (alone, gone, other) = (Node("alone"), Node("gone"), Node("other"));
        foreach (var node in (NodeInfo[])[alone, gone, other])
            registry.Observe(node, _now);
        List<string> silent = [];
        for (var i = 0; i < 60; i++)
        {
            registry.Hear("alone", alone.Incarnation, TimeSpan.FromSeconds(1), _now);
            // Of another process, of a node that is not known, and of long ago.
            registry.Hear("other", Guid.NewGuid(), TimeSpan.Zero, _now);
            registry.Hear("unknown", Guid.NewGuid(), TimeSpan.Zero, _now);
            registry.Hear("gone", gone.Incarnation, TimeSpan.FromSeconds(i + 1), _now);
            silent.AddRange(Pass(registry).Silent.Select(static node => node.Id));
        }

        Assert.Equal(["gone", "other"], silent);
        Assert.Equal(alone, registry.Find("alone"));
        // Who is silent is told by a report of its own that it is not.
        registry.Hear("gone", gone.Incarnation, TimeSpan.Zero, _now);
        Assert.Equal(NodeState.Silent, registry.Find("gone")!.State);
    }

    [Fact]
    public void Observe_OfAReturningClock_DoesNotMakeTimePass()
    {
        var registry = new NodeRegistry(Timings, _now);
        registry.Observe(Node("a"), _now);
        for (var i = 0; i < 50; i++)
        {
            registry.Tick(_now + TimeSpan.FromSeconds(1));
            registry.Tick(_now - TimeSpan.FromSeconds(1));
            registry.Observe(Node("a"), _now);
        }

        Assert.Equal(NodeState.Serving, registry.Find("a")!.State);
    }

    [Fact]
    public void Observe_OfChanges_TellsEachOnce()
    {
        var registry = new NodeRegistry(Timings, _now);

        Assert.Contains("joined", Assert.Single(registry.Observe(Node("a"), _now)).Text, StringComparison.Ordinal);
        Assert.Empty(registry.Observe(Node("a"), _now));
        Assert.Contains("draining", Assert.Single(
            registry.Observe(Node("a") with { State = NodeState.Draining }, _now)).Text, StringComparison.Ordinal);
        Assert.Contains("anew", Assert.Single(
            registry.Observe(Node("a") with { Incarnation = Guid.NewGuid() }, _now)).Text, StringComparison.Ordinal);
        Assert.Contains("left", Assert.Single(registry.Leave("a", _now)).Text, StringComparison.Ordinal);
        Assert.Empty(registry.Leave("a", _now));
    }

    private RegistryTick Pass(NodeRegistry registry) => registry.Tick(_now += TimeSpan.FromSeconds(1));

    private static NodeInfo Node(string id) => new()
    {
        Id = id,
        State = NodeState.Serving,
        Version = "1",
        StartedAt = default,
        LastReportAt = default,
    };
}
