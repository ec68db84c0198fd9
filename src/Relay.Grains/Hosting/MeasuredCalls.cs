using System.Diagnostics;

namespace Relay.Grains.Hosting;

/// <summary>Measures the calls of a silo's grains. Of one that is answered at once nothing is allocated here.</summary>
/// <param name="meter">Receives what is measured.</param>
internal sealed class MeasuredCalls(SiloMeter meter) : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        if (!meter.MeasuresCalls)
            return context.Invoke();
        var begun = Stopwatch.GetTimestamp();
        var call = context.Invoke();
        if (!call.IsCompletedSuccessfully)
            return MeasureAsync(call, context.Request.GetInterfaceType(), begun);
        meter.OnCall(context.Request.GetInterfaceType(), Stopwatch.GetElapsedTime(begun), isError: false);
        return call;
    }

    private async Task MeasureAsync(Task call, Type grain, long begun)
    {
        try
        {
            await call;
        }
        finally
        {
            meter.OnCall(grain, Stopwatch.GetElapsedTime(begun), !call.IsCompletedSuccessfully);
        }
    }
}
