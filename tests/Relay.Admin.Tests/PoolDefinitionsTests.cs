using Microsoft.Extensions.Logging.Abstractions;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Tests;

/// <summary>The pools of a file, in a fleet that is away, forgets, or has found them.</summary>
public sealed class PoolDefinitionsTests
{
    private static readonly PrefixPool Pool =
        new() { Name = "edge", Prefix = Prefix.Parse("2001:db8::/48"), BlockLength = 64 };

    private readonly ManualTime _time = new();
    private readonly Dictionary<string, PrefixPoolInfo> _pools = [];
    private readonly List<PrefixPool> _puts = [];
    private string _generation = "first";
    private bool _isAway;
    private int _asked;

    [Fact]
    public async Task Pools_AreDefinedOnce_AndAgainWhenTheFleetHasBegunAnew()
    {
        await KeepAsync(async () =>
        {
            await PassAsync();
            Assert.Equal(["edge"], _puts.Select(static pool => pool.Name));

            // What an operator removed stays removed.
            _pools.Clear();
            await PassAsync();
            Assert.Single(_puts);

            _generation = "second";
            await PassAsync();
            Assert.Equal(2, _puts.Count);
        });
    }

    [Fact]
    public async Task Pools_OfAFleetThatIsAway_AreDefinedWhenItIsBack()
    {
        _isAway = true;
        await KeepAsync(async () =>
        {
            await PassAsync();
            Assert.Empty(_puts);

            _isAway = false;
            await PassAsync();
            Assert.Single(_puts);
        });
    }

    [Fact]
    public async Task Pool_ThatIsFound_IsDefined_AndOneThatDiffersIsLeft()
    {
        _pools["edge"] = new PrefixPoolInfo { Pool = Pool, IsFound = true };
        await KeepAsync(async () =>
        {
            await PassAsync();
            Assert.Single(_puts);

            _pools["edge"] = new PrefixPoolInfo { Pool = Pool with { BlockLength = 60 } };
            _generation = "second";
            await PassAsync();
            Assert.Single(_puts);
        });
    }

    private async Task KeepAsync(Func<Task> meanwhile)
    {
        var fleet = new ScriptedFleet
        {
            OnOverview = () =>
            {
                _asked++;
                return _isAway
                    ? throw new FleetUnavailableException("away")
                    : new FleetOverview { Coordination = "orleans", Generation = _generation };
            },
            OnGetPool = pool => _pools.GetValueOrDefault(pool),
            OnPutPool = pool =>
            {
                _puts.Add(pool);
                return FleetResult.Ok(_pools[pool.Name] = new PrefixPoolInfo { Pool = pool });
            },
        };
        using var stop = new CancellationTokenSource();
        var keeping = PoolDefinitions.KeepAsync([Pool], fleet, NullLogger.Instance, _time, stop.Token);
        await meanwhile();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => keeping);
    }

    // Until it has looked once more, and waits again.
    private async Task PassAsync()
    {
        var before = _asked;
        await Eventually.HoldsAsync(() =>
        {
            if (_time.ActiveTimers == 0)
                return false;
            if (_asked > before)
                return true;
            _time.Advance(TimeSpan.FromSeconds(5));
            return false;
        }, "another look");
    }
}
