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

    /// <summary>Of most nodes nothing is told but that they report: they stay, with the time of that, as they were last told.</summary>
    [Fact]
    public void TryHear_OfANode_KeepsItFromSilence_AndIsNotEnoughForOneThatIsSilentOrUnknown()
    {
        var registry = new NodeRegistry(Timings, _now);
        registry.Observe(Node("heard"), _now);
        registry.Observe(Node("silent"), _now);
        Assert.False(registry.TryHear("unknown", _now));
        List<string> silent = [];
        for (var i = 0; i < 60; i++)
        {
            silent.AddRange(Pass(registry).Silent.Select(static node => node.Id));
            Assert.True(registry.TryHear("heard", _now));
        }

        Assert.Equal(["silent"], silent);
        Assert.False(registry.TryHear("silent", _now));
        Assert.Equal(NodeState.Silent, registry.Find("silent")!.State);
        Assert.Equal(Node("heard") with { LastReportAt = _now }, registry.Find("heard"));
        Assert.Equal(_now, registry.List(10, null).Items[0].LastReportAt);
        registry.Observe(Node("heard") with { LastReportAt = _now, Version = "2" }, _now);
        Assert.Equal(Node("heard") with { LastReportAt = _now, Version = "2" }, registry.Find("heard"));
        // Whoever is not believed is not asked for all of it either.
        var quarantine = new QuarantineDecider();
        quarantine.Put("heard", null, _now);
        registry.Follow(quarantine, _now);
        Assert.True(registry.TryHear("heard", _now));
        Assert.Equal(NodeState.Silent, registry.Find("heard")!.State);
    }

    [Fact]
    public void Counts_AfterAnyHistory_AreThoseOfTheNodes()
    {
        var random = new Random(19);
        for (var history = 0; history < 50; history++)
        {
            var (registry, quarantine) = (new NodeRegistry(Timings, _now), new QuarantineDecider());
            for (var step = 0; step < 200; step++)
            {
                var name = $"n{random.Next(12)}";
                var node = Node(name) with { State = (NodeState)random.Next((int)NodeState.Silent) };
                switch (random.Next(9))
                {
                    case < 3:
                        registry.Observe(node, _now);
                        break;
                    case 3:
                        registry.Leave(name, _now);
                        break;
                    case 4:
                        registry.TryHear(name, _now);
                        break;
                    case 5:
                        registry.Add([node], _now);
                        break;
                    case 6:
                        if (random.Next(2) == 0)
                            quarantine.Put(name, null, _now);
                        else
                            quarantine.Lift(name, null);
                        registry.Follow(quarantine, _now);
                        break;
                    case 7:
                        _now += random.Next(3) == 0 ? Timings.ForgetAfter : TimeSpan.FromSeconds(5);
                        registry.Tick(_now);
                        break;
                    default:
                        registry = new NodeRegistry(Timings, _now, registry.ToState());
                        break;
                }
                Assert.Equal(
                    registry.Nodes.CountBy(static known => known.State).OrderBy(static state => state.Key),
                    registry.CountByState.OrderBy(static state => state.Key));
                Assert.Equal((registry.Nodes.Count(), registry.Heard.Count()), (registry.Count, registry.HeardCount));
            }
        }
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
