using System.Text.RegularExpressions;
using Orleans.Persistence;
using Relay.Grains.State;
using StackExchange.Redis;

namespace Relay.Grains.Hosting;

/// <summary>
/// The histories of a Redis server, or of each shard of a cluster: the id of the stream of writes that a primary and its
/// replicas share (<c>master_replid</c> of INFO replication), which begins anew when a replica is promoted and when the
/// server starts. Over the connection that the grains' storage uses.
/// </summary>
internal sealed partial class RedisHistory(string cluster) : IStoreHistory
{
    // In a script, since that goes to whoever stores the key: the primary of its shard.
    private const string Script = "return redis.call('INFO', 'replication')";

    private IConnectionMultiplexer? _connection;

    /// <summary>The key that a grain's state is stored at.</summary>
    internal RedisKey KeyOf(string state, GrainId grain) => $"{cluster}/state/{grain}/{state}";

    /// <summary>Connects for the storage.</summary>
    internal async Task<(IConnectionMultiplexer Multiplexer, bool IsShared)> ConnectAsync(RedisStorageOptions options)
    {
        var connection = await RedisStorageOptions.DefaultCreateMultiplexer(options);
        _connection = connection.Multiplexer;
        return connection;
    }

    /// <inheritdoc/>
    public async Task<string?> ReadAsync(string state, GrainId grain)
    {
        if (_connection is null)
            throw new InvalidOperationException("the storage is not connected yet");
        try
        {
            var info = (string?)await _connection.GetDatabase().ScriptEvaluateAsync(Script, [KeyOf(state, grain)]);
            return info is not null && Id().Match(info) is { Success: true } match ? match.Groups[1].Value : null;
        }
        catch (RedisServerException exception) when (!exception.Message.StartsWith("LOADING", StringComparison.Ordinal))
        {
            // It does not let INFO be asked: what it lost shows only in what it has, and in what nodes claim.
            return null;
        }
    }

    [GeneratedRegex("master_replid:([0-9a-f]+)")]
    private static partial Regex Id();
}
