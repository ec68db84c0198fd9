using Relay.Fleet.Contract;
using Relay.Fleet.Events;
using Relay.Grains.Contracts;

namespace Relay.Grains.Events;

/// <summary>
/// Events on their way to the fleet's log. They are kept while the log is away, as many as it would keep itself, and
/// never hold up for long whoever has something to tell.
/// </summary>
internal sealed class EventOutbox(IGrainFactory grains, GrainClock clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly UntoldEvents _waiting = new();
    private Task _sending = Task.CompletedTask;

    /// <summary>Has something to tell.</summary>
    internal void Add(params IEnumerable<FleetEvent> events)
    {
        foreach (var happened in events)
            _waiting.Add(happened);
    }

    /// <summary>Tells what there is to tell, and waits for that a while.</summary>
    internal async Task FlushAsync()
    {
        if (_sending.IsCompleted && _waiting.Count > 0)
            _sending = SendAsync();
        try
        {
            await _sending.WaitAsync(clock.Patience(LongestWait));
        }
        catch (TimeoutException)
        {
            // It arrives later, or with the next flush.
        }
    }

    private async Task SendAsync()
    {
        while (_waiting.Count > 0)
        {
            var (batch, lost) = _waiting.Take();
            try
            {
                await grains.GetGrain<IEventsGrain>(GrainKeys.Single).AppendAsync(new EventList(batch, lost));
            }
            catch (Exception)
            {
                _waiting.PutBack(batch, lost);
                return;
            }
        }
    }
}
