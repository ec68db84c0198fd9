using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Relay.Admin.Diagnostics;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Leases;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests;

/// <summary>What Prometheus learns of the fleet.</summary>
public sealed class MetricsTests
{
    private static readonly ScriptedFleet Fleet = new()
    {
        IsMember = true,
        OnReport = static _ => new NodeDirective { Sequence = 1 },
        OnListPools = static () =>
        [
            new PrefixPoolInfo
            {
                Pool = new PrefixPool { Name = "edge", Prefix = Prefix.Parse("198.51.100.0/28"), BlockLength = 32 },
                Blocks = 16, Free = 1, Held = 12, Quarantined = 2, Excluded = 1,
            },
        ],
        OnOverview = static () => new FleetOverview
        {
            Coordination = "orleans",
            Coordinators = 3,
            Nodes = new Dictionary<NodeState, int> { [NodeState.Serving] = 7, [NodeState.Silent] = 1 },
            DrainsRunning = 3,
            DrainsHeldUp = 1,
            DrainsToReturn = 4,
            DrainStillSeconds = 75,
            OldestReportSeconds = 2,
            Warnings =
            [
                new FleetWarning("pool-found", "one"), new FleetWarning("pool-found", "another"),
                new FleetWarning("store-not-durable", "a third"),
            ],
        },
    };

    [Fact]
    public async Task Metrics_ShowTheFleet()
    {
        await using var app = await AdminApp.StartAsync(Fleet);

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_coordinator_ready 1", lines);
        Assert.Contains("relay_coordinator_degraded 0", lines);
        Assert.Contains("relay_fleet_coordinators 3", lines);
        Assert.Contains("relay_fleet_nodes{state=\"serving\"} 7", lines);
        Assert.Contains("relay_fleet_nodes{state=\"drained\"} 0", lines);
        Assert.Contains("relay_fleet_drains_running 3", lines);
        Assert.Contains("relay_fleet_drains{state=\"running\"} 2", lines);
        Assert.Contains("relay_fleet_drains{state=\"held_up\"} 1", lines);
        Assert.Contains("relay_fleet_drains{state=\"to_return\"} 4", lines);
        Assert.Contains("relay_fleet_drain_still_seconds 75", lines);
        Assert.Contains("relay_fleet_report_age_seconds 2", lines);
        Assert.Contains("relay_pool_blocks{pool=\"edge\",state=\"free\"} 1", lines);
        Assert.Contains("relay_pool_blocks{pool=\"edge\",state=\"held\"} 12", lines);
        Assert.Contains("relay_fleet_warnings{kind=\"pool-found\"} 2", lines);
        Assert.Contains("relay_fleet_warnings{kind=\"store-not-durable\"} 1", lines);
    }

    // OpenTelemetry makes one series of all beyond 2000, which has no pool.
    [Fact]
    public async Task Metrics_OfPools_AreThereForEachOfAsManyAsThereMayBe()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet
        {
            IsMember = true,
            OnListPools = static () =>
            [
                .. Enumerable.Range(0, CatalogDecider.MaxPools).Select(static number => new PrefixPoolInfo
                {
                    Pool = new PrefixPool { Name = $"pool-{number}", Prefix = Prefix.Parse($"10.{number / 256}.{number % 256}.0/28"), BlockLength = 32 },
                    Blocks = 16, Free = 1, Held = 12, Quarantined = 2, Excluded = 1,
                }),
            ],
        });

        var lines = await ScrapeAsync(app);

        Assert.Equal(
            4 * CatalogDecider.MaxPools, lines.Count(static line => line.StartsWith("relay_pool_blocks{pool=\"pool-", StringComparison.Ordinal)));
        Assert.DoesNotContain(lines, static line => line.Contains("overflow", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Metrics_OfAFleetThatIsAway_SayOnlyThat()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_coordinator_ready 0", lines);
        Assert.Contains("relay_coordinator_degraded 1", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("relay_fleet", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.StartsWith("relay_pool", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_AreCountedByRouteMethodAndStatus_WhateverTheyAsk()
    {
        await using var app = await AdminApp.StartAsync(Fleet);
        var nobody = app.Client(null);
        foreach (var path in (string[])["/v1/fleet", "/v1/fleet", "/v1/nodes/edge-1", "/v1/nodes/edge-2", "/no/such/path"])
            using (await app.Viewer.GetAsync(path))
            {
            }
        using (await nobody.GetAsync("/v1/fleet"))
        using (await app.Viewer.SendAsync(new HttpRequestMessage(new HttpMethod("BREW"), "/v1/fleet")))
        {
        }

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_admin_requests_total{method=\"GET\",route=\"/v1/fleet\",status=\"200\"} 2", lines);
        Assert.Contains("relay_admin_requests_total{method=\"GET\",route=\"/v1/fleet\",status=\"401\"} 1", lines);
        Assert.Contains("relay_admin_requests_total{method=\"GET\",route=\"/v1/nodes/{id}\",status=\"503\"} 2", lines);
        Assert.Contains("relay_admin_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1", lines);
        Assert.Contains("relay_admin_requests_total{method=\"other\",route=\"other\",status=\"405\"} 1", lines);
        Assert.Contains("relay_admin_event_streams 0", lines);
    }

    [Fact]
    public async Task Reports_AreMeasuredByTheirAnswer()
    {
        var directives = new Queue<Func<NodeDirective>>(
        [
            static () => new NodeDirective { Sequence = 1 }, static () => new NodeDirective { Sequence = 1, IsStandIn = true },
            static () => throw new FleetRejectedException("no"), static () => throw new FleetUnavailableException("away"),
        ]);
        await using var app = await AdminApp.StartAsync(new ScriptedFleet { OnReport = _ => directives.Dequeue()() });
        var node = app.Client("node-1");
        for (var i = 0; i < 4; i++)
            using (await node.PostJsonAsync("/v1/nodes/node-1/reports", Report))
            {
            }

        var lines = await ScrapeAsync(app);

        foreach (var answer in (string[])["decided", "stand_in", "refused", "failed"])
            Assert.Contains($"relay_admin_report_duration_seconds_count{{answer=\"{answer}\"}} 1", lines);
    }

    [Fact]
    public async Task Reports_ThatAreNotLookedAt_AreRefusedOnes()
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { ReportByteBurst = 1, ReportBytesPerSecond = 1, ReportBurst = 2, ReportsPerSecond = 1 });
        var node = app.Client("node-1");
        HttpStatusCode[] statuses =
            [await StatusAsync("node-2"), await StatusAsync("node-1"), await StatusAsync("node-1"), await StatusAsync("node-1")];
        // For another's token; not; for its bytes; for its rate.
        Assert.Equal(
            [HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.TooManyRequests], statuses);

        var lines = await ScrapeAsync(app);

        Assert.Contains("relay_admin_report_duration_seconds_count{answer=\"decided\"} 1", lines);
        Assert.Contains("relay_admin_report_duration_seconds_count{answer=\"refused\"} 3", lines);

        async Task<HttpStatusCode> StatusAsync(string name)
        {
            using var answer = await node.PostJsonAsync($"/v1/nodes/{name}/reports", Report);
            return answer.StatusCode;
        }
    }

    [Fact]
    public void Counting_AllocatesNothing()
    {
        using var meter = new AdminMeter();
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter(meter.Meter.Name).AddPrometheusExporter().Build();
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.SetEndpoint(new RouteEndpoint(
            static _ => Task.CompletedTask, RoutePatternFactory.Parse("/v1/nodes/{id}/reports"), 0, null, null));
        Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            Count();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count()
        {
            meter.OnRequest(http);
            meter.OnReport(0, ReportAnswer.Decided);
        }
    }

    [Fact]
    public async Task MetricsAddress_AnswersWithoutAToken_AndNothingElse()
    {
        await using var app = await AdminApp.StartAsync(
            Fleet, static config => config with { MetricsAddress = new IPEndPoint(IPAddress.Loopback, 0) });
        using var client = new HttpClient { BaseAddress = new Uri($"http://{app.Host.MetricsAddress}") };

        Assert.Contains("\nrelay_fleet_coordinators 3\n", (await client.GetStringAsync("/metrics")).Replace("{}", "", StringComparison.Ordinal));
        Assert.Equal("ok\n", await client.GetStringAsync("/livez"));
        Assert.Equal("ok\n", await client.GetStringAsync("/readyz"));
        foreach (var path in (string[])["/", "/v1/fleet", "/metrics/more"])
        {
            using var answer = await client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var refused = await client.PostAsync("/metrics", new ByteArrayContent([]));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
    }

    [Fact]
    public async Task Metrics_AreDocumented()
    {
        using var folder = new ScratchFolder();
        using var signer = SelfSigned.Create("signer");
        var profiles = new ProfileConfig
        {
            SigningCertPath = folder.Write("sign.pem", signer.ExportCertificatePem()),
            SigningKeyPath = folder.Write("sign.key", signer.ExportKeyPem()),
        };
        await using var app = await AdminApp.StartAsync(Fleet, config => config with { Profiles = profiles });
        using (await app.Client("node-1").PostJsonAsync("/v1/nodes/node-1/reports", Report))
        using (await app.Viewer.GetAsync("/v1/fleet"))
        {
        }
        var shown = ExposedMetrics.Of(string.Join('\n', await ScrapeAsync(app)));

        var (nodes, own) = Repository.Read("docs/metrics.md").Split("## Of a silo")[0].Split("## Of a coordinator") is [var before, var after]
            ? (before, after) : throw new InvalidDataException();
        // Its process has the names that a node's has.
        var process = ExposedMetrics.Rows(nodes).Where(static row => row.Name.StartsWith("process_", StringComparison.Ordinal)
            || row.Name is "relay_build_info" or "relay_memory_limit_bytes");
        Assert.Equal(ExposedMetrics.Rows(own).Concat(process).Order(), shown.Order());
    }

    private static string Report => JsonSerializer.Serialize(
        new NodeReport { Node = "node-1", Incarnation = Guid.NewGuid(), Sequence = 1, State = NodeState.Serving },
        FleetJson.Of<NodeReport>());

    private static async Task<string[]> ScrapeAsync(AdminApp app)
    {
        using var answer = await app.Viewer.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsStringAsync()).Replace("{}", "", StringComparison.Ordinal).Split('\n');
    }
}
