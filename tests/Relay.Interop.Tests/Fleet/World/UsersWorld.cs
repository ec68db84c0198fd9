using System.Text.RegularExpressions;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>Three nodes that let the fleet's users in.</summary>
internal sealed partial class UsersWorld : ProcessFleet
{
    private UsersWorld()
    {
    }

    /// <summary>Starts it all.</summary>
    /// <param name="silos">Whether there are three silos with a Redis, which forgets when it ends.</param>
    public static async Task<UsersWorld> StartAsync(bool silos) => await new UsersWorld().ReadyAfterAsync(async world =>
    {
        if (silos)
            world.Redis = await RedisServer.StartAsync(keepsData: false);
        await world.StartCoordinatorsAsync(silos ? null : world.Folder.File("state"));
        await world.StartNodesAsync(id => ["--users-file", world.FileOf(id)]);
    });

    /// <summary>Waits until every node has the users that the fleet has now, also in its file.</summary>
    public async Task HandOverAsync()
    {
        var (store, version, _) = await Api.UserStoreAsync();
        await FleetApi.WaitUntilAsync(
            "every node has the users",
            async () => (await Api.NodesAsync()).Count(node => node.Users is { } users && users.Store == store && users.Version >= version)
                == Nodes.Count,
            Limits.Transfer);
        foreach (var node in Nodes)
        {
            await Eventually.HoldsAsync(
                () => File.Exists(FileOf(node.Id)) && File.ReadAllText(FileOf(node.Id)).Contains($"\nstore {store} {version}\n", StringComparison.Ordinal),
                $"{node.Id} has written them");
        }
    }

    /// <summary>What a node answers to who asks for a tunnel with a secret.</summary>
    public static async Task<int> AskAsync(FleetNode node, string secret)
    {
        await using var probe = OwnProgram.Start(
            "relay-load", "probe", "--relay", $"127.0.0.1:{node.Port}", "--insecure", "--json", "--http", "3", "--timeout", "60",
            "--header", Header(secret));
        Assert.True(await probe.WaitForExitAsync(Limits.Exchange) == 0, probe.Log.Describe());
        return int.Parse(Status().Match(string.Join('\n', probe.Log.Lines)).Groups[1].Value);
    }

    /// <summary>A tunnel through a node, by a version of HTTP.</summary>
    public static Task<HeldTunnel> OpenAsync(FleetNode node, string secret, string http) =>
        HeldTunnel.OpenAsync(node.Port, $"{node.Id} over HTTP/{http}", "--http", http, "--header", Header(secret));

    private string FileOf(string node) => Folder.File($"{node}.users");

    private static string Header(string secret) => $"proxy-authorization: Bearer {secret}";

    [GeneratedRegex(@"""connect_udp_status"": (\d+)")]
    private static partial Regex Status();
}
