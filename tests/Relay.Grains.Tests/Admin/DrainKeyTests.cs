using Relay.Grains.Tests.Cluster;
using Relay.Testing.Admin;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Admin;

/// <summary>An <c>Idempotency-Key</c> means one drain at every coordinator, whichever is asked, and how many at once.</summary>
[Trait("Needs", "Cluster")]
public sealed class DrainKeyTests
{
    private const string Body = """{"deadlineSeconds":600}""";

    [Fact]
    public async Task Key_AtThreeCoordinatorsAtOnce_GivesOneDrain_AndWithAnotherBodyNoneAnywhere()
    {
        var gate = new SeededGate();
        await using var world = await World.StartAsync(gate);
        for (var seed = 1; seed <= 20; seed++)
        {
            var (node, key) = ($"n{seed}", $"k{seed}");
            await new SimulatedNode(node).ReportAsync(world.Fleet);

            var ids = new string[3];
            await gate.RunAsync(seed, () => Task.WhenAll(ids.Select(async (_, i) =>
                ids[i] = await world.IdAsync(i, $"/v1/nodes/{node}/drain", Body, key))));

            Assert.Single(ids.Distinct());
            for (var coordinator = 0; coordinator < 3; coordinator++)
            {
                foreach (var body in (string[])["""{"deadlineSeconds":601}""", """{ "deadlineSeconds": 600 }""", "{}"])
                    await world.RefusesAsync(coordinator, $"/v1/nodes/{node}/drain", body, key);
                Assert.Equal(ids[0], await world.IdAsync(coordinator, $"/v1/nodes/{node}/drain", Body, key));
            }
        }
    }

    [Fact]
    public async Task Key_OfDifferentBodiesAtThreeCoordinatorsAtOnce_IsOneOfThem()
    {
        var gate = new SeededGate();
        await using var world = await World.StartAsync(gate);
        for (var seed = 1; seed <= 20; seed++)
        {
            var key = $"k{seed}";
            var bodies = (string[])[.. Enumerable.Range(0, 3).Select(
                i => $$$"""{"selector":{"namePrefix":"s{{{seed}}}-n{{{i}}}"}}""")];
            for (var i = 0; i < 3; i++)
                await new SimulatedNode($"s{seed}-n{i}").ReportAsync(world.Fleet);

            var statuses = new HttpStatusCode[3];
            await gate.RunAsync(seed, () => Task.WhenAll(statuses.Select(async (_, i) =>
            {
                using var answer = await world.PostAsync(i, "/v1/drains", bodies[i], key);
                statuses[i] = answer.StatusCode;
            })));

            var taken = Assert.Single(Enumerable.Range(0, 3), i => statuses[i] == HttpStatusCode.Accepted);
            for (var coordinator = 0; coordinator < 3; coordinator++)
            {
                _ = await world.IdAsync(coordinator, "/v1/drains", bodies[taken], key);
                await world.RefusesAsync(coordinator, "/v1/drains", bodies[(taken + 1) % 3], key);
            }
        }
    }

    /// <summary>Three silos, each with the admin API, for one operator.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly List<AdminApp> _apps = [];
        private readonly List<HttpClient> _clients = [];
        private readonly TestCluster _cluster;

        private World(TestCluster cluster) => _cluster = cluster;

        public IFleet Fleet => _cluster.FleetOf(_cluster.Silos[0]);

        public static async Task<World> StartAsync(SeededGate gate)
        {
            var world = new World(await gate.StartClusterAsync());
            foreach (var silo in world._cluster.Silos)
            {
                var app = await AdminApp.StartAsync(world._cluster.FleetOf(silo), config => config with
                {
                    TokenFile = world._apps.FirstOrDefault()?.TokenPath ?? config.TokenFile,
                    RequestsPerSecond = 100_000,
                    RequestTimeout = TimeSpan.FromMinutes(5),
                });
                world._apps.Add(app);
                var client = app.Client(null);
                client.DefaultRequestHeaders.Authorization = world._apps[0].Operator.DefaultRequestHeaders.Authorization;
                world._clients.Add(client);
            }
            return world;
        }

        public Task<HttpResponseMessage> PostAsync(int coordinator, string path, string body, string key) =>
            _clients[coordinator].PostJsonAsync(path, body, ("Idempotency-Key", key));

        public async Task<string> IdAsync(int coordinator, string path, string body, string key)
        {
            using var answer = await PostAsync(coordinator, path, body, key);
            return (string)(await answer.JsonAsync(HttpStatusCode.Accepted))["id"]!;
        }

        public async Task RefusesAsync(int coordinator, string path, string body, string key)
        {
            using var answer = await PostAsync(coordinator, path, body, key);
            var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity);
            Assert.Equal("the Idempotency-Key was used for another request before", (string)problem["detail"]!);
        }

        public async ValueTask DisposeAsync()
        {
            // The first has the others' tokens.
            foreach (var app in _apps.AsEnumerable().Reverse())
                await app.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }
}
