using Relay.Fleet.Contract;
using Relay.Hosting.Files;
using Relay.Testing.Admin;
using Relay.Testing.Network;
using Relay.Testing.Nodes;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// Three coordinators as processes with a Redis, and many nodes that report to them over HTTP by the real link, each with a
/// block of a pool and a session; and a look, again and again, at what becomes of them.
/// </summary>
internal sealed class ReportingFleet : IAsyncDisposable
{
    private const string Pool = "edge";
    private const string NodeToken = "token-of-every-node-in-this-test-0123456789";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly ScratchFolder _folder = new();
    private readonly List<(SimulatedNode Node, AnswerLog Answers, IDisposable Way)> _nodes = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withoutLease = new(StringComparer.Ordinal);
    private RedisServer _redis = null!;
    private FleetApi _api = null!;
    private Task _watching = Task.CompletedTask;

    private ReportingFleet()
    {
    }

    /// <summary>The coordinators; the last is the one behind <see cref="Link"/>.</summary>
    public IReadOnlyList<Coordinator> Coordinators { get; private set; } = [];

    /// <summary>The way between the last coordinator and the others; null where it has none of its own.</summary>
    public ClusterLink? Link { get; private set; }

    /// <summary>Nodes that were listed as silent, so that their sessions left the directory.</summary>
    public IReadOnlyCollection<string> Silent => Copy(_silent);

    /// <summary>Nodes whose block was not used at some moment.</summary>
    public IReadOnlyCollection<string> WithoutLease => Copy(_withoutLease);

    /// <summary>The longest time between two answers to a node.</summary>
    public TimeSpan LongestGap => _nodes.Max(static one => one.Answers.Longest);

    /// <summary>Starts all of it, and waits until every node has a block.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="canBeCut">Whether the last coordinator is to be one that can be cut off from the others.</param>
    /// <param name="lease">How long a block is a node's.</param>
    /// <param name="nodeTimeout">After what time without a report a node is silent.</param>
    /// <param name="only">How many nodes know the last coordinator only.</param>
    public static Task<ReportingFleet> StartAsync(int nodes, bool canBeCut, TimeSpan lease, TimeSpan nodeTimeout, int only = 0) =>
        new ReportingFleet().ReadyAfterAsync(async fleet =>
        {
            fleet.Link = canBeCut ? await ClusterLink.CreateAsync() : null;
            await fleet.StartCoordinatorsAsync(lease, nodeTimeout);
            await fleet._api.PutPoolAsync(Pool, "10.96.0.0/16", 28, isNew: true);
            for (var i = 0; i < nodes; i++)
                fleet.StartNode($"node-{i}", i < only);
            await fleet.WaitUntilWholeAsync();
            fleet.Reset();
            fleet._watching = Task.WhenAll(Task.Run(fleet.WatchNodesAsync), Task.Run(fleet.WatchFleetAsync));
        });

    /// <summary>Waits until every node uses a block, and the fleet lists each as serving with its session.</summary>
    public Task WaitUntilWholeAsync() => FleetApi.WaitUntilAsync(
        "every node serves with its block and its session",
        async () => _nodes.TrueForAll(static one => one.Node.UsedBlocks.Any())
            && (await _api.NodesAsync()).Count(static one => one.State == NodeState.Serving) == _nodes.Count
            && (await Task.WhenAll(_nodes.Select(one => _api.SessionsAsync(one.Node.Name))))
                .All(static sessions => sessions.Count == 1),
        2 * Limits.Transfer);

    /// <summary>Waits until every node has had so many answers more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="areReal">Only those of who decides count.</param>
    public async Task WaitForAnswersAsync(int count, bool areReal = false)
    {
        var before = _nodes.ConvertAll(one => Count(one.Answers));
        await FleetApi.WaitUntilAsync(
            $"{count} answers to every node",
            () => Task.FromResult(_nodes.Zip(before).All(pair => Count(pair.First.Answers) >= pair.Second + count)),
            Limits.Transfer);

        int Count(AnswerLog answers) => areReal ? answers.RealAnswers : answers.Answers;
    }

    /// <summary>
    /// Waits until the cluster has so many members, as one of them says. Who ended since the others had declared it dead is
    /// started again.
    /// </summary>
    public Task WaitForMembersAsync(int count) => FleetApi.WaitUntilAsync(
        $"{count} coordinators agree",
        async () =>
        {
            foreach (var coordinator in Coordinators)
                await coordinator.ReviveAsync();
            return (await _api.OverviewAsync()).Coordinators == count;
        },
        2 * Limits.Transfer);

    /// <summary>Forgets what was seen so far.</summary>
    public void Reset()
    {
        foreach (var (_, answers, _) in _nodes)
            answers.Reset();
        lock (_gate)
        {
            _silent.Clear();
            _withoutLease.Clear();
        }
    }

    /// <summary>Ends the watch; what it saw is in the properties.</summary>
    public async Task StopWatchingAsync()
    {
        await _end.CancelAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWatchingAsync();
        foreach (var (node, _, way) in _nodes)
        {
            await node.DisposeAsync();
            way.Dispose();
        }
        _api?.Dispose();
        foreach (var coordinator in Coordinators)
            await coordinator.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        if (Link is not null)
            await Link.DisposeAsync();
        _folder.Dispose();
        _end.Dispose();
    }

    private async Task StartCoordinatorsAsync(TimeSpan lease, TimeSpan nodeTimeout)
    {
        var tokens = _folder.WriteTokens(("node-*", "node", NodeToken), ("ops", "operator", OperatorToken));
        var near = Link?.Near ?? "127.0.0.1";
        _redis = await RedisServer.StartAsync(keepsData: true, Link?.Home, Link is null ? [] : [near]);
        Coordinators = [.. Enumerable.Range(0, 3).Select(index =>
        {
            var isFar = Link is not null && index == 2;
            string[] options =
            [
                "--fleet", "silo", "--redis", $"{near}:{_redis.Port},{RedisServer.Hasty}",
                "--cluster-id", "test", "--silo-address",
                $"{(isFar ? Link!.Far : near)}:{Ports.FreeTcp()}",
                "--lease-time-secs", $"{lease.TotalSeconds}",
                "--node-timeout-secs", $"{nodeTimeout.TotalSeconds}",
            ];
            return new Coordinator(tokens, options, network: isFar ? Link!.Away : Link?.Home);
        })];
        foreach (var coordinator in Coordinators)
            await coordinator.StartAsync();
        _api = new FleetApi(Coordinators, OperatorToken, timeout: TimeSpan.FromSeconds(3));
    }

    private void StartNode(string name, bool knowsLastOnly)
    {
        var token = new NamedFile("--fleet-token-file", _folder.Write("node-token", NodeToken));
        var coordinators = knowsLastOnly ? Coordinators.TakeLast(1) : Coordinators;
        var way = Relay.Hosting.Fleet.Coordinators.Join(
            [.. coordinators.Select(static one => one.Address)], token, new NamedFile("--fleet-ca", null));
        var answers = new AnswerLog(way);
        var node = new SimulatedNode(name, clock: TimeProvider.System) { Pools = [Pool], TakesStandIns = true };
        _nodes.Add((node, answers, way));
        node.Open(name, "credential:alice");
        node.Start(answers);
    }

    private async Task WatchNodesAsync()
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await pulse.WaitForNextTickAsync(_end.Token))
                Note(_withoutLease, _nodes.Where(static one => !one.Node.UsedBlocks.Any()).Select(static one => one.Node.Name));
        }
        catch (OperationCanceledException)
        {
            // It has seen enough.
        }
    }

    private async Task WatchFleetAsync()
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await pulse.WaitForNextTickAsync(_end.Token))
            {
                // While nobody can list the nodes, the next look sees who is silent still.
                if (await _api.TryNodesAsync() is { } nodes)
                    Note(_silent, nodes.Where(static one => one.State == NodeState.Silent).Select(static one => one.Id));
            }
        }
        catch (OperationCanceledException)
        {
            // It has seen enough.
        }
    }

    private void Note(HashSet<string> seen, IEnumerable<string> nodes)
    {
        lock (_gate)
            seen.UnionWith(nodes);
    }

    private string[] Copy(HashSet<string> seen)
    {
        lock (_gate)
            return [.. seen];
    }
}
