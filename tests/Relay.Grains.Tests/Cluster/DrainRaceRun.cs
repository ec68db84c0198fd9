using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Relay.Grains.Hosting;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>A few nodes of their own, and calls that a seed makes: which, of which nodes, at which coordinator.</summary>
internal sealed partial class DrainRaceRun(TestCluster cluster, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<SimulatedNode> _nodes =
        [.. Enumerable.Range(1, 4).Select(i => new SimulatedNode($"s{seed}-n{i}") { Tunnels = i % 2 })];
    private readonly List<string> _ids = [];
    private readonly ConcurrentDictionary<string, DrainInfo> _started = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Func<Task>> _checks = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GrainFleet Any => cluster.FleetOf(cluster.Silos[_random.Next(cluster.Silos.Count)]);

    /// <summary>How often a kind of call was answered in a way.</summary>
    internal ConcurrentDictionary<string, int> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Its nodes join.</summary>
    internal Task BeginAsync() => SettleAsync(1);

    /// <summary>Asks everything at once.</summary>
    internal Task CallAsync(int calls)
    {
        var reporting = _nodes[_random.Next(_nodes.Count)];
        return Task.WhenAll(
            Enumerable.Range(0, calls).Select(_ => One()).Append(reporting.ReportPersistentlyAsync(Any)).ToArray());
    }

    /// <summary>What is so when nothing is under way.</summary>
    internal async Task CheckAsync()
    {
        while (_checks.TryDequeue(out var check))
            await check();
        await SettleAsync(_random.Next(2) == 0 ? 1 : 8);
        var drains = await DrainsAsync();
        foreach (var node in _nodes)
        {
            var has = drains.Where(drain => HasStill(drain, node.Name)).ToList();
            Assert.True(has.Count <= 1, Describe(has));
            Assert.Equal(has.SingleOrDefault()?.Id, (await Any.GetNodeAsync(node.Name, Cancellation))!.DrainId);
            var order = node.LastDirective!.Drain?.Id;
            Assert.True(order is null || order == has.SingleOrDefault()?.Id, $"seed {seed}: {node.Name} obeys {order}");
        }
        foreach (var drain in drains)
        {
            // Of one that is over a node that is drained stays so until it is undrained; of a cancelled one none.
            Assert.All(drain.Nodes, node => Assert.True(
                drain.State == DrainState.Running || !HasStill(drain, node.Node)
                    || (drain.State == DrainState.Completed && node.Step == DrainStep.Drained),
                Describe([drain])));
        }
    }

    /// <summary>Everybody serves again.</summary>
    internal async Task EndAsync()
    {
        foreach (var node in _nodes)
            Assert.True((await Any.UndrainAsync(node.Name, Cancellation)).IsOk);
        await SettleAsync(8);
        foreach (var node in _nodes)
        {
            Assert.Equal(NodeState.Serving, node.State);
            Assert.Null((await Any.GetNodeAsync(node.Name, Cancellation))!.DrainId);
            await node.LeaveAsync(Any);
        }
        Assert.DoesNotContain(await DrainsAsync(), static drain => drain.State == DrainState.Running);
    }

    private Task One() => _random.Next(10) switch
    {
        < 5 => StartAsync(),
        < 8 => UndrainAsync(),
        _ => CancelAsync(),
    };

    private async Task StartAsync()
    {
        var id = $"s{seed}-d{_ids.Count + 1}";
        _ids.Add(id);
        var first = _random.Next(_nodes.Count);
        string[] names = [.. Enumerable.Range(first, _random.Next(1, 4)).Select(i => _nodes[i % _nodes.Count].Name)];
        // Chosen, those are left out that are in a drain; named, they refuse the whole.
        var isChosen = _random.Next(5) == 0;
        var request = new DrainRequest
        {
            Id = id,
            Nodes = isChosen ? null : names,
            Selector = isChosen ? new NodeSelector { NamePrefix = names[0][..^(_random.Next(2))] } : null,
            Mode = _random.Next(4) == 0 ? DrainMode.Gradual : DrainMode.Immediate,
            MaxConcurrent = _random.Next(2) == 0 ? DrainBudget.Percent(100) : DrainBudget.Nodes(1),
        };
        var answer = await Any.StartDrainAsync(request, Cancellation);
        if (answer.IsOk)
            _started[id] = answer.Value!;
        Count($"start {answer.Status}");
        _checks.Enqueue(async () =>
        {
            var drain = await Any.GetDrainAsync(id, Cancellation);
            if (answer.IsOk)
            {
                Assert.NotEmpty(answer.Value!.Nodes);
                Assert.True(isChosen || names.SequenceEqual(answer.Value.Nodes.Select(static node => node.Node)));
                Assert.Equal(answer.Value.CreatedAt, drain?.CreatedAt);
                return;
            }
            // Refused: by a drain that has, or had, one of the nodes.
            Assert.Equal(FleetStatus.Conflict, answer.Status);
            Assert.Null(drain);
            var named = Refusal().Match(answer.Detail!);
            var (node, other) = (named.Groups["node"].Value, named.Groups["drain"].Value);
            Assert.True(isChosen || names.Contains(node), answer.Detail);
            Assert.Contains(_started[other].Nodes, one => one.Node == node);
        });
    }

    private async Task UndrainAsync()
    {
        var node = _nodes[_random.Next(_nodes.Count)].Name;
        var answer = await Any.UndrainAsync(node, Cancellation);
        Count($"undrain {answer.Value is not null}");
        _checks.Enqueue(async () =>
        {
            Assert.Equal(FleetStatus.Ok, answer.Status);
            if (answer.Value is not { } undrained)
                return;
            Assert.Contains(undrained.Nodes, one => one.Node == node);
            Assert.False(HasStill((await Any.GetDrainAsync(undrained.Id, Cancellation))!, node));
        });
    }

    private async Task CancelAsync()
    {
        if (_ids.Count == 0)
            return;
        // Of a drain that has begun, or one that is about to, or was refused.
        string[] begun = [.. _started.Keys.Order(StringComparer.Ordinal)];
        var id = begun.Length > 0 && _random.Next(2) == 0 ? begun[_random.Next(begun.Length)] : _ids[^1];
        var answer = await Any.CancelDrainAsync(id, Cancellation);
        Count($"cancel {answer.Status}");
        _checks.Enqueue(async () =>
        {
            var state = (await Any.GetDrainAsync(id, Cancellation))?.State;
            if (answer.Status == FleetStatus.NotFound)
                Assert.True(state is null || _started.ContainsKey(id));
            else
                Assert.Equal(answer.IsOk ? DrainState.Cancelled : DrainState.Completed, state);
            Assert.NotEqual(FleetStatus.Unavailable, answer.Status);
        });
    }

    /// <summary>Some seconds pass, in which every node reports; more than a node timeout, or not enough for anything.</summary>
    private async Task SettleAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            cluster.Clock.Advance(TimeSpan.FromSeconds(3));
            foreach (var node in _nodes)
                await node.ReportPersistentlyAsync(Any);
            await Any.TickAsync(Cancellation);
        }
        foreach (var node in _nodes)
            await node.ReportPersistentlyAsync(Any);
    }

    private async Task<IReadOnlyList<DrainInfo>> DrainsAsync()
    {
        var drains = await Task.WhenAll(_ids.Select(id => Any.GetDrainAsync(id, Cancellation).AsTask()));
        return [.. drains.OfType<DrainInfo>()];
    }

    private void Count(string what) => Outcomes.AddOrUpdate(what, 1, static (_, count) => count + 1);

    private static bool HasStill(DrainInfo drain, string node) => drain.Nodes.Any(one => one.Node == node
        && one.Step is DrainStep.Waiting or DrainStep.Lame or DrainStep.Draining or DrainStep.Drained);

    private string Describe(IEnumerable<DrainInfo> drains) => $"seed {seed}: " + string.Join("; ", drains.Select(
        static drain => $"{drain.Id} {drain.State}: {string.Join(", ", drain.Nodes.Select(static node => $"{node.Node} {node.Step}"))}"));

    [GeneratedRegex("(?<node>[a-z0-9-]+) (takes part in drain|in) (?<drain>[a-z0-9-]+)(: undrain it first)?$")]
    private static partial Regex Refusal();
}
