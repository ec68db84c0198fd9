using System.Diagnostics.Tracing;

namespace Relay.Grains.Tests.Scale;

/// <summary>How long the collector held this process up, each time.</summary>
internal sealed class GcPauses : EventListener
{
    private const EventKeywords Collector = (EventKeywords)1;
    private const int SuspendBegun = 9;
    private const int RestartEnded = 3;

    private readonly Lock _gate = new();
    private long _begun;
    private TimeSpan _sum;
    private TimeSpan _longest;

    /// <summary>What there was since this was last asked.</summary>
    internal (TimeSpan Sum, TimeSpan Longest) Take()
    {
        lock (_gate)
        {
            var taken = (_sum, _longest);
            (_sum, _longest) = (TimeSpan.Zero, TimeSpan.Zero);
            return taken;
        }
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, Collector);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId is not (SuspendBegun or RestartEnded))
            return;
        var at = eventData.TimeStamp.Ticks;
        lock (_gate)
        {
            if (eventData.EventId == SuspendBegun)
            {
                _begun = at;
                return;
            }
            if (_begun == 0)
                return;
            var pause = TimeSpan.FromTicks(at - _begun);
            _begun = 0;
            _sum += pause;
            _longest = pause > _longest ? pause : _longest;
        }
    }
}
