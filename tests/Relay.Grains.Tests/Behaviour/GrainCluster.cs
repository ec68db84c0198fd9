using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Relay.Grains.Hosting;
using Relay.Grains.Tests.Stores;
using Relay.Testing.Behaviour;
using Relay.Testing.Redis;
using StackExchange.Redis;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>
/// Silos that outlive a test, whose fleet is empty for each: one with a storage in memory, or three on a Redis server.
/// </summary>
public abstract class GrainCluster : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly SharedStorage _storage = new();
    private readonly bool _isOnRedis;
    private readonly IPEndPoint[] _addresses;
    private GrainFleetHost[] _hosts = [];
    private RedisServer? _redis;
    private int _turn;

    private protected GrainCluster(bool isOnRedis, int silos)
    {
        _isOnRedis = isOnRedis;
        _addresses = [.. Enumerable.Range(0, silos).Select(static _ => new IPEndPoint(IPAddress.Loopback, 0))];
    }

    internal ManualTime Time => _time;

    /// <summary>The fleet as the next silo in turn sees it.</summary>
    internal GrainFleet Next() => (GrainFleet)_hosts[++_turn % _hosts.Length].Fleet;

    /// <summary>Makes the fleet an empty one.</summary>
    public async Task<IFleetHarness> StartAsync()
    {
        if (_isOnRedis)
            _redis ??= await RedisServer.StartAsync();
        if (_hosts.Length == 0)
        {
            await BeginAsync();
        }
        else
        {
            _time.SetClock(_time.True.GetUtcNow() - _time.GetUtcNow());
            await LoseStateAsync();
        }
        return new GrainHarness(this);
    }

    /// <summary>Ends every grain, and deletes what was stored.</summary>
    internal Task LoseStateAsync() => EmptyFleet.MakeAsync(Grains, WipeAsync);

    /// <summary>Ends all silos without a word, as a crash does, and starts others.</summary>
    internal async Task RestartAsync()
    {
        await EndAsync();
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private IGrainFactory Grains => _hosts[0].Silo!.Services.GetRequiredService<IGrainFactory>();

    private async Task BeginAsync()
    {
        // All at once: each finds by its address that its last run is over, and waits for the others to have found the
        // same.
        _hosts = await Task.WhenAll(_addresses.Select(StartAsync));
        await Eventually.HoldsAsync(
            "all silos", () => Next().GetOverviewAsync(default).AsTask(), overview =>
                overview.Coordinators == _hosts.Length);
    }

    private async Task<GrainFleetHost> StartAsync(IPEndPoint address, int index)
    {
        var redis = _redis is null
            ? null
            : $"{_redis.Configuration},asyncTimeout=60000,syncTimeout=60000,connectTimeout=60000";
        var config = new SiloConfig
        {
            Address = address,
            Redis = redis,
            Timings = FleetBehaviour.Timings,
            SessionBytes = FleetBehaviour.SessionBytes,
        };
        var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
            config, NullLoggerFactory.Instance, new GrainClock(_time, ticks: false), Configure, default);
        _addresses[index] = (await Eventually.HoldsAsync(
            "a silo", () => Task.FromResult(host.Silo), static silo => silo is not null))!.Address;
        return host;
    }

    // No silo is to be declared dead here, however busy the machine is: that would take statistics and events with it.
    private void Configure(ISiloBuilder silo)
    {
        silo.Configure<ClusterMembershipOptions>(static membership => membership.NumMissedProbesLimit = 1000);
        if (!_isOnRedis)
            _storage.AddTo(silo);
    }

    private async Task EndAsync()
    {
        foreach (var host in _hosts)
            host.Silo?.Abandon();
        await Task.WhenAll(_hosts.Select(static host => host.DisposeAsync().AsTask()));
        _hosts = [];
    }

    private async Task WipeAsync()
    {
        if (_redis is null)
        {
            _storage.Clear();
            return;
        }
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        var keys = connection.GetServers()[0].KeysAsync(pattern: $"{new SiloConfig().ClusterId}/state/*");
        await foreach (var key in keys)
            await connection.GetDatabase().KeyDeleteAsync(key);
    }
}
