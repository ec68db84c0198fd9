using Relay.Testing.Network;
using Relay.Testing.Processes;
using StackExchange.Redis;

namespace Relay.Testing.Redis;

/// <summary>A Redis server of the test's own, on a free port, with its files in a folder that goes with it.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    /// <summary>For whoever is to notice within seconds that it is away, and to find it when it is back.</summary>
    public const string Hasty = "abortConnect=false,connectTimeout=2000,syncTimeout=2000";

    private readonly string _program = InstalledProgram.Require("redis-server", "redis-server");
    private readonly ScratchFolder _folder = new();
    private readonly bool _keepsData;
    private readonly NetworkNamespace? _network;
    private readonly string[] _beside;
    private ChildProcess? _process;

    private RedisServer(bool keepsData, NetworkNamespace? network, string[] beside) =>
        (_keepsData, _network, _beside) = (keepsData, network, beside);

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; } = Ports.FreeTcp();

    /// <summary>What a silo is told, to find it.</summary>
    public string Configuration => $"127.0.0.1:{Port}";

    /// <summary>Starts one; the test is skipped where the program is not installed.</summary>
    /// <param name="keepsData">
    /// Whether what was written is there after a restart (append-only file), or nothing is.
    /// </param>
    /// <param name="network">Where it is, if not in the test's own network.</param>
    /// <param name="beside">Addresses that it listens on beside 127.0.0.1.</param>
    public static async Task<RedisServer> StartAsync(
        bool keepsData = true, NetworkNamespace? network = null, params string[] beside)
    {
        var redis = new RedisServer(keepsData, network, beside);
        await redis.ResumeAsync();
        return redis;
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        string[] command =
        [
            _program, "--port", Port.ToString(), "--protected-mode", "no", "--bind", "127.0.0.1", .. _beside,
            "--dir", _folder.Path, "--save", "", "--appendonly", _keepsData ? "yes" : "no", "--appendfsync", "no",
            "--daemonize", "no",
        ];
        _process = _network?.Start(command) ?? ChildProcess.Start(command);
        await _process.Log.WaitForAsync("Ready to accept connections", Eventually.Limit);
    }

    /// <summary>Ends it at once.</summary>
    public async Task StopAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Deletes everything that it has, while it runs (FLUSHALL).</summary>
    public async Task FlushAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Configuration},allowAdmin=true");
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    /// <summary>Lets in who gives a password, and nobody else.</summary>
    /// <param name="password">The password.</param>
    /// <param name="before">The one that held before; null for none.</param>
    public async Task SetPasswordAsync(string password, string? before = null)
    {
        var given = before is null ? "" : $",password={before}";
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Configuration},allowAdmin=true{given}");
        await connection.GetServers()[0].ConfigSetAsync("requirepass", password);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}
