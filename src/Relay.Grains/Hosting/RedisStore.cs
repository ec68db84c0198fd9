using System.Net;
using System.Text.RegularExpressions;
using Orleans.Persistence;
using Relay.Fleet.Contract;
using Relay.Grains.State;
using StackExchange.Redis;

namespace Relay.Grains.Hosting;

/// <summary>
/// The Redis that grains' promises are stored in, over the connection that stores them: which history it is in, how many
/// replicas have a write, and what it may lose.
/// </summary>
/// <remarks>
/// A history is the stream of writes that a primary and its replicas share (<c>master_replid</c> of INFO replication). It
/// begins anew when a replica is promoted and when the server starts; each shard of a cluster has its own.
/// </remarks>
/// <param name="cluster">The fleet's name, which keys begin with.</param>
/// <param name="clock">The monotonic clock.</param>
internal sealed partial class RedisStore(string cluster, TimeProvider clock) : IStoreState
{
    /// <summary>For how long what failed says something of the next: a fleet that rests asks nothing for minutes.</summary>
    internal static readonly TimeSpan FailureTold = TimeSpan.FromSeconds(30);

    private const long Never = long.MinValue;

    // In a script, since that goes to whoever stores the key: the primary of its shard.
    private const string Script = "return redis.call('INFO', 'replication')";

    // WAIT holds up the connection for no longer than this where a replica is away.
    private const int WaitMilliseconds = 1000;

    private IConnectionMultiplexer? _connection;
    private long _breaks;
    private long _failedAt = Never;

    private IConnectionMultiplexer Connection =>
        _connection ?? throw new InvalidOperationException("the storage is not connected yet");

    /// <summary>
    /// Whether a primary is connected, and has answered what the storage asked last, which one that hangs does not; true before there
    /// is a connection.
    /// </summary>
    internal bool IsUp => _connection is not { } connection || (PrimariesOf(connection).Any() && !HasFailed);

    private bool HasFailed =>
        Interlocked.Read(ref _failedAt) is var at && at != Never && clock.GetElapsedTime(at) < FailureTold;

    /// <summary>The key that a grain's state is stored at.</summary>
    internal RedisKey KeyOf(string state, GrainId grain) => $"{cluster}/state/{grain}/{state}";

    /// <summary>Connects for the storage.</summary>
    internal async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> ConnectAsync(RedisStorageOptions options)
    {
        var connection = await RedisStorageOptions.DefaultCreateMultiplexer(options);
        _connection = connection.Multiplexer;
        _connection.ConnectionFailed += (_, _) => Interlocked.Increment(ref _breaks);
        return connection;
    }

    /// <summary>The storage has asked for something.</summary>
    /// <param name="isError">Whether it was not answered, or not well.</param>
    internal void OnAsked(bool isError) => Interlocked.Exchange(ref _failedAt, isError ? clock.GetTimestamp() : Never);

    /// <inheritdoc/>
    public async Task<string?> ReadHistoryAsync(string state, GrainId grain)
    {
        try
        {
            var info = (string?)await Connection.GetDatabase().ScriptEvaluateAsync(Script, [KeyOf(state, grain)]);
            return info is not null && Id().Match(info) is { Success: true } match ? match.Groups[1].Value : null;
        }
        catch (RedisServerException exception) when (!exception.Message.StartsWith("LOADING", StringComparison.Ordinal))
        {
            // It does not let INFO be asked: what it lost shows only in what it has, and in what nodes claim.
            return null;
        }
    }

    /// <summary>Writes, and waits until replicas have what was written (WAIT).</summary>
    /// <exception cref="IOException">Fewer have it, or that is not known.</exception>
    internal async Task WriteAsync(string state, GrainId grain, int replicas, Func<Task> write)
    {
        var breaks = Interlocked.Read(ref _breaks);
        var endpoint = await EndpointAsync();
        await write();
        var count = (int)await Connection.GetServer(endpoint).ExecuteAsync("WAIT", replicas, WaitMilliseconds);
        // WAIT speaks of what this connection wrote: of another one it knows nothing.
        if (Interlocked.Read(ref _breaks) != breaks || !endpoint.Equals(await EndpointAsync()))
            throw new IOException("the connection to Redis broke before its replicas had answered");
        if (count < replicas)
            throw new IOException(
                $"{count} of the {replicas} replicas that --redis-replicas wants have answered within {WaitMilliseconds} ms");

        async Task<EndPoint> EndpointAsync() =>
            await Connection.GetDatabase().IdentifyEndpointAsync(KeyOf(state, grain))
            ?? throw new IOException("Redis has no primary for the state at the moment");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<FleetWarning>> ReadWarningsAsync()
    {
        List<FleetWarning> warnings = [];
        foreach (var server in PrimariesOf(Connection))
        {
            if (await SettingAsync(server, "appendonly") == "no")
                Warn(server, "does not log its writes (appendonly no): all since its last snapshot are lost when it ends");
            else if (await SettingAsync(server, "appendfsync") is { } sync and not "always")
                Warn(server, $"tells of writes that are not on disk yet (appendfsync {sync}): a crash of its machine loses them");
            if (await SettingAsync(server, "min-replicas-to-write") == "0" && await HasReplicasAsync(server))
                Warn(server, "takes writes when it is cut off from its replicas (min-replicas-to-write 0): a failover loses them");
        }
        return warnings;

        void Warn(IServer server, string what) => warnings.Add(new FleetWarning("store-not-durable", $"Redis at {server.EndPoint} {what}"));
    }

    // A connection that has lost its primary is one all the same, by a replica or a sentinel, and stores nothing.
    private static IEnumerable<IServer> PrimariesOf(IConnectionMultiplexer connection) => connection.GetServers().Where(
        static server => server is { IsConnected: true, IsReplica: false, ServerType: not ServerType.Sentinel });

    private static async Task<string?> SettingAsync(IServer server, string name)
    {
        try
        {
            return await server.ExecuteAsync("CONFIG", "GET", name) is { Length: 2 } pair ? (string?)pair[1] : null;
        }
        catch (RedisServerException)
        {
            // A service that keeps its settings to itself.
            return null;
        }
    }

    private static async Task<bool> HasReplicasAsync(IServer server)
    {
        try
        {
            return (string?)await server.ExecuteAsync("INFO", "replication") is { } info && Replica().IsMatch(info);
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    [GeneratedRegex("master_replid:([0-9a-f]+)")]
    private static partial Regex Id();

    [GeneratedRegex("connected_slaves:[1-9]")]
    private static partial Regex Replica();
}
