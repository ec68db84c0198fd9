using Relay.Fleet.Users;
using Relay.Testing.Nodes;

namespace Relay.Testing.Fleets;

/// <summary>
/// A fleet in the middle of its day, with something of everything that a page can show. The same each time.
/// </summary>
public static class SampleFleet
{
    // How many seconds the drains take.
    private const int Drains = 8;

    private const string NotReady = "edge-sin-1";

    private static readonly string[] Identities =
    [
        "certificate:4f8a1c0be2d955f0c8b1a9e77c21d0aa4f8a1c0be2d955f0c8b1a9e77c21d0aa", "credential:ci-runner",
        "credential:alice", "user:alice", "certificate:09ab77ffe2d955f0c8b1a9e77c21d0aa4f8a1c0be2d955f0c8b1a9e77c21d0ab",
    ];

    /// <summary>When the world begins that is to be filled.</summary>
    public static TimeSpan Ago { get; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Fills a world that began an hour ago: its traffic, pools, limits, a silent node, an ended drain and one that
    /// runs.
    /// </summary>
    /// <param name="world">An empty world.</param>
    /// <param name="interval">Seconds between two reports in most of the hour, a divisor of 60.</param>
    public static async Task FillAsync(FleetWorld world, int interval = 1)
    {
        await world.Fleet.PutPoolAsync(Pool("v6-main", "2001:db8:40::/56", 64), "", default);
        await world.Fleet.PutPoolAsync(Pool("v4-burst", "198.51.100.0/26", 28), "", default);
        await world.Fleet.PutPoolAsync(Pool("v6-lab", "2001:db8:8000::/44", 64), "", default);
        await world.Fleet.PutLimitAsync(Limit("*", new IdentityLimit { Sessions = 8, Tunnels = 512 }), "", default);
        await world.Fleet.PutLimitAsync(
            Limit("credential:ci-runner", new IdentityLimit { Tunnels = 64, BytesPerSecond = 5_000_000 }), "", default);
        await world.Fleet.PutLimitAsync(
            Limit(Identities[0], new IdentityLimit { Sessions = 2, Tunnels = 2000, BytesPerSecond = 125_000_000 }), "",
            default);
        await AddUsersAsync(world);
        AddNodes(world);
        await LiveAsync(world, 3540, isGrowing: true, interval);
        await DrainAsync(world);
        var revoked = world.Nodes[1].Leases[0].Prefix;
        await world.Fleet.RevokeLeaseAsync("v6-main", revoked, default);
        await world.Fleet.RecordAsync(
            [
                Action(world, "otto", "drained node edge-sjc-1", new EventSubject("node", "edge-sjc-1")),
                Action(world, "otto", "began a drain of several nodes", new EventSubject("drain", "9f04c2d7e8b1436aa5d0")),
                Action(world, "ines", $"revoked block {revoked} of pool v6-main", new EventSubject("pool", "v6-main")),
            ], lost: 0, default);
        await LiveAsync(world, 60 - Drains, isGrowing: false);
        world.Clock.GoOn();
    }

    /// <summary>A session.</summary>
    public static SessionRecord Session(string id, string identity, string egress, long tunnels = 3) => new()
    {
        Id = id,
        Identity = identity,
        StartedAt = DateTimeOffset.UtcNow - TimeSpan.FromMinutes(12),
        TunnelsOpen = tunnels,
        TunnelsTotal = 40 * tunnels,
        UpstreamBytes = 1_234_567 * tunnels,
        DownstreamBytes = 98_765_432 * tunnels,
        EgressAddresses = [egress],
    };

    // As the admin API tells of what was asked of it, which nothing here is.
    private static FleetEvent Action(FleetWorld world, string actor, string done, EventSubject subject) =>
        FleetEvent.Of(FleetEventKind.Action, $"{actor} {done}", world.Clock.GetUtcNow()) with
        {
            Actor = actor,
            Subject = subject,
            Source = "192.0.2.7",
        };

    private static async Task AddUsersAsync(FleetWorld world)
    {
        await world.Fleet.PutUserAsync(new User { Name = "alice" }, "", default);
        foreach (var device in (string[])["phone", "laptop", "an old tablet that nobody has seen since the holidays"])
            await world.Fleet.AddDeviceAsync("alice", DeviceSecret.Create(device, null).Device, default);
        await world.Fleet.PutLimitAsync(
            Limit("user:alice", new IdentityLimit { Sessions = 40, BytesPerMonth = 20_000_000_000 }), "", default);
        await world.Fleet.PutUserAsync(new User { Name = "bob@example.org", ExpiresAt = DateTimeOffset.UtcNow.AddDays(40) }, "", default);
        await world.Fleet.AddDeviceAsync(
            "bob@example.org", DeviceSecret.Create("phone", DateTimeOffset.UtcNow.AddDays(-1)).Device, default);
        await world.Fleet.PutUserAsync(
            new User { Name = "guest-2025", ExpiresAt = DateTimeOffset.UtcNow.AddDays(-9) }, "", default);
        await world.Fleet.PutUserAsync(new User { Name = "mallory", IsDisabled = true }, "", default);
    }

    private static PrefixPool Pool(string name, string prefix, int blockLength) =>
        new() { Name = name, Prefix = Prefix.Parse(prefix), BlockLength = blockLength };

    private static LimitRule Limit(string identity, IdentityLimit limit) =>
        new() { Identity = identity, Limit = limit };

    private static void AddNodes(FleetWorld world)
    {
        string[] names =
        [
            "edge-ams-1", "edge-ams-2", "edge-fra-1", "edge-fra-2", "edge-fra-3", "edge-lon-1", "edge-lon-2",
            "edge-nyc-1",
            "edge-nyc-2", "edge-sin-1", "edge-sjc-1", "edge-syd-1",
        ];
        for (var i = 0; i < names.Length; i++)
        {
            var node = new SimulatedNode(names[i], world.Fleet)
            {
                Version = i < 9 ? "0.9.2+4f1c2d7" : "0.9.1+aa01fe3",
                Addresses = [$"203.0.113.{i + 1}:443", $"[2001:db8:f::{i + 1:x}]:443"],
                Pools = i < 6 ? ["v6-main"] : i < 9 ? ["v4-burst"] : [],
                IsOpenRelay = i == 5,
                Warnings = i == 6 ? ["its certificate expires in 6 days"] : [],
                StartedAt = DateTimeOffset.UtcNow - TimeSpan.FromHours(31),
                Amend = names[i] == NotReady ? IsNotReady : IsMadeForMany,
                TcpTunnels = 900 + 173 * i % 1400,
                UdpTunnels = 300 + 97 * i % 500,
                Busy = 0.2 + 0.05 * i,
            };
            world.Add(node);
            for (var s = 0; s < 12; s++)
                node.Open(Session(
                    $"s{i:d2}{s:d2}QkFzZTY0dXJsLXNhZmU",
                    Identities[(i + s) % Identities.Length],
                    $"2001:db8:40:{i:x}::{7919 * (s + 1) % 65535:x}", 1 + (i * s % 9)));
        }
    }

    private static NodeReport IsMadeForMany(NodeReport report) => report with
    {
        Capacity = new NodeCapacity { Workers = 2, MaxConnections = 2000, MaxTunnels = 4000 },
        Load = report.Load with { Connections = report.Load.TcpTunnels / 20 },
    };

    private static NodeReport IsNotReady(NodeReport report) => report with
    {
        State = NodeState.Starting,
        NotReady = ["the certificate cannot be read: permission denied"],
    };

    private static async Task LiveAsync(FleetWorld world, int seconds, bool isGrowing, int interval = 1)
    {
        var tcp = world.Nodes.Select(static node => node.TcpTunnels).ToArray();
        for (var second = 0; second < seconds; second += interval)
        {
            for (var i = 0; isGrowing && i < world.Nodes.Count; i++)
                world.Nodes[i].TcpTunnels = (long)(tcp[i] * (1 + 0.2 * Math.Sin((second + 90 * i) / 420.0)));
            // The last of them falls silent five minutes before now.
            await ReportAsync(world, isGrowing ? second : 3540 + second, isGrowing && second < 3300 ? 0 : 1, interval);
        }
    }

    private static async Task ReportAsync(FleetWorld world, int second, int silent, int interval)
    {
        var day = 1 + 0.3 * Math.Sin(second / 500.0) + 0.1 * Math.Sin(second / 61.0);
        for (var i = 0; i < world.Nodes.Count - silent; i++)
        {
            var node = world.Nodes[i];
            if (node.Name != NotReady && node.State != NodeState.Drained)
            {
                node.Carry(
                    interval * (long)(9e6 * (1 + i % 4) * day), interval * (long)(1.1e6 * (1 + i % 3) * day),
                    interval * 11);
            }
            await node.ReportAsync();
        }
        await world.TickAsync();
        world.Clock.Move(TimeSpan.FromSeconds(interval));
    }

    private static async Task DrainAsync(FleetWorld world)
    {
        var old = world.Nodes.Single(static node => node.Name == "edge-sjc-1");
        await world.Fleet.StartDrainAsync(new DrainRequest
        {
            Id = "5c1e0b7a4d2f48e6a9c3",
            Nodes = [old.Name],
            DeadlineSeconds = 300,
            Reason = "Rollout of 0.9.2",
        }, default);
        await LiveAsync(world, 2, isGrowing: false);
        old.FinishTunnels(old.TcpTunnels + old.UdpTunnels - 8);
        old.ForceClose(8);
        await LiveAsync(world, 2, isGrowing: false);
        await world.Fleet.UndrainAsync(old.Name, default);
        old.TcpTunnels = 812;
        await LiveAsync(world, 1, isGrowing: false);

        await world.Fleet.StartDrainAsync(new DrainRequest
        {
            Id = "9f04c2d7e8b1436aa5d0",
            Nodes = ["edge-fra-2", "edge-fra-3", "edge-nyc-1"],
            DeadlineSeconds = 240,
            MaxConcurrent = DrainBudget.Percent(10),
            Reason = "Kernel update 6.12.48",
        }, default);
        await LiveAsync(world, 2, isGrowing: false);
        world.Nodes.Single(static node => node.Name == "edge-fra-2").FinishTunnels(731);
        await LiveAsync(world, 1, isGrowing: false);
    }
}
