using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Fleet;
using Relay.Fleet.Tests;
using Relay.Fleet.Tests.Behaviour;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>
/// The fleet's behaviour over grains: in one silo with a storage that outlives it, or in three silos on a Redis server. The
/// clock is moved by hand, and grains tick when told to. Reports and questions go to the silos in turn.
/// </summary>
internal sealed class GrainHarness : IFleetHarness
{
    // As the suite has them over the fleet in one process.
    private static readonly FleetTimings ShortTimings = new()
    {
        ReportInterval = TimeSpan.FromSeconds(1),
        NodeTimeout = TimeSpan.FromSeconds(6),
        LeaseTime = TimeSpan.FromSeconds(30),
        HolderMargin = TimeSpan.FromSeconds(4),
        MaxClockSkew = TimeSpan.FromSeconds(1),
        Quarantine = TimeSpan.FromSeconds(20),
        LameTime = TimeSpan.FromSeconds(3),
        ReturnTime = TimeSpan.FromSeconds(20),
        ForgetAfter = TimeSpan.FromSeconds(60),
    };

    private readonly ManualTime _time = new();
    private readonly SharedStorage? _storage;
    private readonly RedisServer? _redis;
    private readonly IPEndPoint[] _addresses;
    private GrainFleetHost[] _hosts = [];
    private int _turn;

    private GrainHarness(RedisServer? redis, int silos)
    {
        _redis = redis;
        _storage = redis is null ? new SharedStorage() : null;
        _addresses = [.. Enumerable.Range(0, silos).Select(static _ => new IPEndPoint(IPAddress.Loopback, 0))];
    }

    public IFleet Fleet => Next();

    public FleetTimings Timings => ShortTimings;

    public DateTimeOffset Now => _time.GetUtcNow();

    public bool KeepsState => true;

    /// <summary>One silo.</summary>
    internal static async Task<IFleetHarness> InMemoryAsync()
    {
        var harness = new GrainHarness(redis: null, silos: 1);
        await harness.BeginAsync();
        return harness;
    }

    /// <summary>Three silos and a Redis server.</summary>
    internal static async Task<IFleetHarness> OnRedisAsync()
    {
        var harness = new GrainHarness(await RedisServer.StartAsync(), silos: 3);
        await harness.BeginAsync();
        return harness;
    }

    public async Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        await Eventually.HoldsAsync("a tick", async () =>
        {
            await Next().TickAsync(default);
            return true;
        }, static _ => true);
    }

    public async Task RestartAsync()
    {
        await EndAsync();
        await BeginAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
    }

    private GrainFleet Next() => (GrainFleet)_hosts[++_turn % _hosts.Length].Fleet;

    private async Task BeginAsync()
    {
        var hosts = new List<GrainFleetHost>();
        for (var i = 0; i < _addresses.Length; i++)
        {
            var config = new SiloConfig { Address = _addresses[i], Redis = _redis?.Configuration, Timings = ShortTimings };
            var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
                config, NullLoggerFactory.Instance, new GrainClock(_time, ticks: false), silo => _storage?.AddTo(silo), default);
            hosts.Add(host);
            // The next run has the same address: the cluster knows then that this one is over.
            _addresses[i] = (await Eventually.HoldsAsync(
                "a silo", () => Task.FromResult(host.Silo), static silo => silo is not null))!.Address;
        }
        _hosts = [.. hosts];
        await Eventually.HoldsAsync(
            "all silos", () => Next().GetOverviewAsync(default).AsTask(), overview => overview.Coordinators == _hosts.Length);
    }

    // Without a word, as a crash is.
    private async Task EndAsync()
    {
        foreach (var host in _hosts)
            host.Silo?.Abandon();
        await Task.WhenAll(_hosts.Select(static host => host.DisposeAsync().AsTask()));
    }
}
