using Microsoft.Extensions.Hosting;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <summary>
/// Keeps the fleet's grain alive: it moves drains on and notices silence by its own timer, but only while it is active
/// somewhere. Every coordinator asks for it, so that it is back two seconds after its silo's death is known; and so it knows that
/// it hears of what nodes report there.
/// </summary>
internal sealed class FleetPulse(IGrainFactory grains, ILocalSiloDetails silo) : BackgroundService
{
    /// <summary>How often.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pulseOf = new Pulse(silo.SiloAddress.ToParsableString());
        using var pulse = new PeriodicTimer(Period);
        try
        {
            while (await pulse.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await grains.GetGrain<IFleetGrain>(GrainKeys.Single).PulseAsync(pulseOf);
                }
                catch (Exception)
                {
                    // The next pulse asks again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The silo ends.
        }
    }
}
