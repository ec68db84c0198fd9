using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.TestingHost;
using Relay.Grains.Hosting;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Cluster;

/// <summary>
/// Several silos in this process, with one storage. A silo's death is written into the table of members by the test:
/// how fast a real cluster notices is another test's concern, and nothing here waits for a timeout.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private TestCluster(InProcessTestCluster cluster, SharedStorage storage, FakeTimeProvider clock) =>
        (_cluster, Storage, Clock) = (cluster, storage, clock);

    internal SharedStorage Storage { get; }

    internal FakeTimeProvider Clock { get; }

    internal IReadOnlyList<InProcessSiloHandle> Silos => [.. _cluster.GetActiveSilos()];

    internal static async Task<TestCluster> StartAsync(
        short silos = 3, Action<int, ISiloBuilder>? configure = null, FleetTimings? timings = null,
        bool isPatient = true)
    {
        var (storage, clock) = (new SharedStorage(), new FakeTimeProvider());
        var config = new SiloConfig { Timings = timings ?? new FleetTimings() };
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.InitializeClientOnDeploy = false;
        builder.Options.AssumeHomogenousSilosForTesting = false;
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddFleet(config, new GrainClock(clock, ticks: false, isPatient));
            storage.AddTo(silo);
            // Nothing is declared dead but by the test, which all shall see soon.
            silo.Configure<ClusterMembershipOptions>(static membership =>
            {
                membership.TableRefreshTimeout = TimeSpan.FromMilliseconds(200);
                membership.NumMissedProbesLimit = 1000;
            });
            configure?.Invoke(int.Parse(options.SiloName.Split('_')[^1]), silo);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestCluster(cluster, storage, clock);
    }

    /// <summary>The fleet as a silo sees it.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="isPatient">Whether it waits for grains for as long as a busy machine may need.</param>
    internal GrainFleet FleetOf(InProcessSiloHandle silo, bool isPatient = true)
    {
        var fleet = new GrainFleet(NullLogger<GrainFleet>.Instance, new GrainClock(Clock, ticks: false, isPatient));
        fleet.Attach(Grains(silo));
        return fleet;
    }

    /// <summary>A silo's way to grains.</summary>
    internal IGrainFactory Grains(InProcessSiloHandle silo) =>
        _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IGrainFactory>();

    /// <summary>The silo where a grain is active.</summary>
    internal async Task<InProcessSiloHandle> SiloOfAsync(IAddressable grain)
    {
        var address = await Grains(Silos[0]).GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        return Assert.Single(Silos, silo => silo.SiloAddress.Equals(address));
    }

    /// <summary>Kills the silo where a grain is active, and comes back when the others know.</summary>
    /// <returns>The fleet as one of the others sees it.</returns>
    internal async Task<GrainFleet> KillSiloOfAsync(IAddressable grain)
    {
        var killed = await SiloOfAsync(grain);
        try
        {
            await _cluster.KillSiloAsync(killed);
        }
        catch (OperationCanceledException)
        {
            // It had no time to tell the others, as who dies has none.
        }
        await DeadSilo.DeclareAsync(
            killed.SiloAddress, [.. Silos.Select(silo => _cluster.GetSiloServiceProvider(silo.SiloAddress))]);
        return FleetOf(Silos[0]);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
