using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Grains.Hosting;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Admin;

/// <summary>One silo in memory for all tests of a class, by the system's time, whose fleet is empty for each.</summary>
public sealed class SharedSilo : IAsyncDisposable
{
    private readonly ShiftedClock _clock = new();
    private readonly SharedStorage _storage = new();
    private GrainFleetHost? _host;

    /// <summary>An empty fleet that grants blocks at once; who disposes it leaves the silo alone.</summary>
    internal async Task<IFleetHost> LendAsync(FleetTimings timings)
    {
        if (_host is null)
        {
            _host = (GrainFleetHost)await GrainFleetHost.StartAsync(
                new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0), Timings = timings },
                NullLoggerFactory.Instance, new GrainClock(_clock, isPatient: true), _storage.AddTo, default);
        }
        else
        {
            await EmptyFleet.MakeAsync(
                _host.Silo!.Services.GetRequiredService<IGrainFactory>(),
                () =>
                {
                    _storage.Clear();
                    return Task.CompletedTask;
                });
        }
        // The fleet's state begins with the first question; blocks are granted once leases before that have run out.
        await Eventually.DoneAsync("the fleet", () => _host.Fleet.GetOverviewAsync(default).AsTask());
        _clock.Move(timings.LeaseTime + TimeSpan.FromSeconds(1));
        return new Lent(_host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    private sealed class Lent(IFleetHost host) : IFleetHost
    {
        public IFleet Fleet => host.Fleet;

        public Task Failed => host.Failed;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
