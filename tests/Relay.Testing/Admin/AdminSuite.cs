using Relay.Testing.Nodes;

namespace Relay.Testing.Admin;

/// <summary>What the admin API does over a fleet. Whoever derives says which fleet.</summary>
public abstract partial class AdminSuite : IAsyncLifetime
{
    private readonly Dictionary<string, HttpClient> _clients = [];
    private IFleetHost? _fleet;
    private AdminApp? _app;

    /// <summary>Times for tests: no lame time, and a machine that is busy makes no node silent.</summary>
    protected static FleetTimings Timings => new()
    {
        NodeTimeout = TimeSpan.FromMinutes(10),
        LeaseTime = TimeSpan.FromMinutes(20),
        ReturnTime = TimeSpan.FromMinutes(10),
        LameTime = TimeSpan.Zero,
    };

    protected AdminApp App => _app!;

    protected IFleet Fleet => _fleet!.Fleet;

    protected HttpClient Operator => ClientOf("otto");

    protected HttpClient Viewer => ClientOf("vera");

    /// <summary>Starts the fleet, empty and ready to grant blocks at once.</summary>
    protected abstract Task<IFleetHost> StartFleetAsync(FleetTimings timings);

    public async ValueTask InitializeAsync()
    {
        _fleet = await StartFleetAsync(Timings);
        // What is asked is answered in the end, however busy the machine is.
        _app = await AdminApp.StartAsync(
            _fleet.Fleet,
            static config => WithEnrolments(config) with { RequestsPerSecond = 100_000, RequestTimeout = TimeSpan.FromMinutes(5) });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null)
            await _app.DisposeAsync();
        if (_fleet is not null)
            await _fleet.DisposeAsync();
    }

    /// <summary>A node that has reported once.</summary>
    protected async Task<SimulatedNode> NodeAsync(string name, string version = "1.0.0", params string[] pools)
    {
        var token = name.StartsWith("edge-", StringComparison.Ordinal) ? "edge-*" : name;
        var node = new SimulatedNode(name, new HttpReports(ClientOf(token)))
        {
            Version = version,
            Addresses = ["192.0.2.1:443"],
            Pools = pools,
        };
        await node.ReportAsync();
        return node;
    }

    /// <summary>Goes through a list part by part.</summary>
    protected async Task<List<string>> AllAsync(
        string path, int limit, Func<System.Text.Json.Nodes.JsonNode, string> nameOf)
    {
        var names = new List<string>();
        string? cursor = null;
        var parts = 0;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var next = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
            var page = await (await Viewer.GetAsync($"{path}{separator}limit={limit}{next}"))
                .JsonAsync(System.Net.HttpStatusCode.OK);
            var items = page["items"]!.AsArray();
            Assert.InRange(items.Count, 0, limit);
            names.AddRange(items.Select(item => nameOf(item!)));
            cursor = (string?)page["next"];
            Assert.True(++parts < 100, "the list does not end");
        }
        while (cursor is not null);
        return names;
    }

    private HttpClient ClientOf(string name)
    {
        if (!_clients.TryGetValue(name, out var client))
            _clients[name] = client = App.Client(name);
        return client;
    }
}
