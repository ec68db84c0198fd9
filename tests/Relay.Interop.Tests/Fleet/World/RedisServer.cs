using System.Globalization;
using Relay.Interop.Tests.Network;
using Relay.Testing.Processes;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>A Redis of the test's own, whose data outlive a restart.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly ScratchFolder _folder = new();
    private ChildProcess? _process;

    private RedisServer(string program) => _program = program;

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; } = Ports.FreeTcp();

    /// <summary>The configuration text that silos take.</summary>
    public string Configuration => string.Create(
        CultureInfo.InvariantCulture, $"127.0.0.1:{Port},abortConnect=false,connectTimeout=2000,syncTimeout=2000");

    /// <summary>Starts it, or skips the test where there is none.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var redis = new RedisServer(InstalledProgram.Require("redis-server", "redis-server"));
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts it with the data that it had.</summary>
    public async Task StartAgainAsync()
    {
        _process = ChildProcess.Start(
            _program,
            [
                "--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--dir", _folder.Path,
                "--save", "", "--appendonly", "yes", "--appendfsync", "always",
            ],
            name: "redis-server");
        await _process.Log.WaitForAsync("Ready to accept connections", Limits.Start);
    }

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        _ = await _process.TerminateAsync(Limits.Stop);
        await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }
}
