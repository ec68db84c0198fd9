using Relay.Testing.Network;
using StackExchange.Redis;

namespace Relay.Testing.Redis;

/// <summary>
/// Two Redis servers, one of which replicates the other, behind one port: a failover takes the replica as it is, with
/// what it had heard of.
/// </summary>
public sealed class ReplicatedRedis : IAsyncDisposable
{
    private readonly RedisServer[] _servers;
    private readonly TcpSwitch _switch;
    private int _primary;

    private ReplicatedRedis(RedisServer[] servers)
    {
        _servers = servers;
        _switch = new TcpSwitch(servers[0].Port);
    }

    /// <summary>What a silo is told, to find whichever is the primary.</summary>
    public string Configuration => $"127.0.0.1:{_switch.Port}";

    private RedisServer Primary => _servers[_primary];

    private RedisServer Replica => _servers[1 - _primary];

    /// <summary>Starts both; the test is skipped where the program is not installed.</summary>
    public static async Task<ReplicatedRedis> StartAsync()
    {
        var redis = new ReplicatedRedis([await RedisServer.StartAsync(), await RedisServer.StartAsync()]);
        await redis.ReplicateAsync();
        return redis;
    }

    /// <summary>What the primary takes from now on, the replica will not hear of.</summary>
    public async Task PartAsync() => await OnAsync(Replica, "REPLICAOF", "NO", "ONE");

    /// <summary>The replica hears of everything again.</summary>
    public Task FollowAsync() => ReplicateAsync();

    /// <summary>
    /// Promotes the replica: whoever was connected finds it in the primary's place. The old primary becomes a replica of
    /// it, and forgets what it alone knew.
    /// </summary>
    public async Task FailOverAsync()
    {
        await PartAsync();
        _switch.SwitchTo(Replica.Port);
        _primary = 1 - _primary;
        await ReplicateAsync();
    }

    /// <summary>Nothing that is asked, or answered, arrives from now on.</summary>
    public void Hold() => _switch.Hold();

    /// <summary>What was held arrives.</summary>
    public void LetGo() => _switch.LetGo();

    /// <summary>The primary ends and starts again, with what it had; the replica follows it again.</summary>
    public async Task RestartAsync()
    {
        await Primary.StopAsync();
        await Primary.ResumeAsync();
        await ReplicateAsync();
    }

    /// <summary>Everything is deleted, and the replica hears of it.</summary>
    public async Task FlushAsync() => await OnAsync(Primary, "FLUSHALL");

    /// <summary>The primary ends and starts again with nothing; the replica follows it again.</summary>
    public async Task RestartEmptyAsync()
    {
        await FlushAsync();
        await RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _switch.DisposeAsync();
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private async Task ReplicateAsync()
    {
        await OnAsync(Replica, "REPLICAOF", "127.0.0.1", $"{Primary.Port}");
        await Eventually.HoldsAsync(
            "a replica that follows", async () => (string?)await OnAsync(Replica, "INFO", "replication"),
            static info => info!.Contains("master_link_status:up", StringComparison.Ordinal));
    }

    private static async Task<RedisResult> OnAsync(RedisServer server, string command, params object[] arguments)
    {
        await using var connection =
            await ConnectionMultiplexer.ConnectAsync($"{server.Configuration},allowAdmin=true");
        return await connection.GetServers()[0].ExecuteAsync(command, arguments);
    }
}
