using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Drains, undrains and cancellations of the same nodes, asked of three coordinators at once: whatever the order in which
/// they meet, a node is in one drain at most, and who asked was told what came of it.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class DrainRaceTests
{
    private const int Seeds = 60;
    private const int Waves = 3;
    private const int Calls = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drains_OfOverlappingNodesAtThreeCoordinators_HaveEachNodeOnce()
    {
        var gate = new SeededGate();
        await using var cluster = await gate.StartClusterAsync();
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var run = new DrainRaceRun(cluster, seed);
            await run.BeginAsync();
            for (var wave = 0; wave < Waves; wave++)
            {
                await gate.RunAsync((seed * Waves) + wave, () => run.CallAsync(Calls));
                await run.CheckAsync();
            }
            await run.EndAsync();
            foreach (var (what, count) in run.Outcomes)
                outcomes[what] = outcomes.GetValueOrDefault(what) + count;
        }
        string[] expected = ["start Ok", "start Conflict", "undrain True", "undrain False", "cancel Ok", "cancel Conflict"];
        Assert.True(
            Array.TrueForAll(expected, what => outcomes.GetValueOrDefault(what) > 0),
            $"the calls did too little to say anything: {string.Join(", ", outcomes)}");
    }

    [Fact]
    public async Task StartDrain_OfOneIdAtThreeCoordinators_IsOneDrain()
    {
        var gate = new SeededGate();
        await using var cluster = await gate.StartClusterAsync();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var node = new SimulatedNode($"n{seed}");
            await node.ReportAsync(cluster.FleetOf(cluster.Silos[0]));
            var request = new DrainRequest { Id = $"d{seed}", Nodes = [node.Name], MaxConcurrent = DrainBudget.Percent(100) };
            var answers = new FleetResult<DrainInfo>[3];
            await gate.RunAsync(seed, () => Task.WhenAll(answers.Select(async (_, i) =>
                answers[i] = await cluster.FleetOf(cluster.Silos[i]).StartDrainAsync(request, Cancellation))));

            Assert.All(answers, answer => Assert.Equal(
                (FleetStatus.Ok, null, request.Id), (answer.Status, answer.Detail, answer.Value?.Id)));
            Assert.Single(answers.Select(static answer => answer.Value!.CreatedAt).Distinct());
        }
    }
}
