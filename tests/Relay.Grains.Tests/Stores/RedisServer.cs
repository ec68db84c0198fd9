using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Relay.Grains.Tests.Stores;

/// <summary>
/// A Redis server of the test's own, on a free port, with its files in a directory that goes with it.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("relay-redis-");
    private readonly int _port;
    private readonly bool _keepsData;
    private Process? _process;

    private RedisServer(int port, bool keepsData) => (_port, _keepsData) = (port, keepsData);

    /// <summary>What a silo is told, to find it.</summary>
    internal string Configuration => $"127.0.0.1:{_port}";

    /// <summary>Starts one; the test is skipped where the program is not installed.</summary>
    /// <param name="keepsData">
    /// Whether what was written is there after a restart (append-only file), or nothing is.
    /// </param>
    internal static async Task<RedisServer> StartAsync(bool keepsData = true)
    {
        Assert.SkipWhen(Find() is null, "redis-server is not installed (Debian package redis-server).");
        for (var tries = 0; ; tries++)
        {
            var server = new RedisServer(FindPort(), keepsData);
            try
            {
                await server.ResumeAsync();
                return server;
            }
            catch (IOException) when (tries < 3)
            {
                // Somebody else took the port in between.
                await server.DisposeAsync();
            }
        }
    }

    /// <summary>Starts it again after <see cref="Stop"/>.</summary>
    internal async Task ResumeAsync()
    {
        var start = new ProcessStartInfo(Find()!)
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[
            "--port", $"{_port}", "--bind", "127.0.0.1", "--dir", _directory.FullName, "--save", "",
            "--appendonly", _keepsData ? "yes" : "no", "--appendfsync", "no", "--daemonize", "no"])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        await AnswersAsync(process);
    }

    /// <summary>Ends it at once.</summary>
    internal void Stop()
    {
        if (_process is not { } process)
            return;
        _process = null;
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    /// <summary>Deletes everything that it has, while it runs (FLUSHALL).</summary>
    internal async Task FlushAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Configuration},allowAdmin=true");
        await connection.GetServers()[0].FlushAllDatabasesAsync();
    }

    public ValueTask DisposeAsync()
    {
        Stop();
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task AnswersAsync(Process process)
    {
        var options = ConfigurationOptions.Parse(Configuration);
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            if (process.HasExited)
                throw new IOException($"redis-server ended with status {process.ExitCode}");
            try
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(limit.Token);
                await connection.GetDatabase().PingAsync();
                return;
            }
            catch (RedisException) when (!limit.IsCancellationRequested)
            {
                // Not yet: it loads its file, or has not bound its port.
            }
        }
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Append("/usr/bin")
        .Select(static directory => Path.Combine(directory, "redis-server"))
        .FirstOrDefault(File.Exists);

    private static int FindPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
