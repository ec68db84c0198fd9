using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// What was done and refused here, on its way to the fleet's history. Nobody waits for it. While the fleet is away so much is kept; what
/// is beyond is counted, and told as a number. What was refused has half of the room: it is not for strangers to fill.
/// </summary>
internal sealed class HistoryOutbox : IAsyncDisposable
{
    private const int MostAtOnce = 256;

    // This machine's time, whatever clock the fleet goes by.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastSend = TimeSpan.FromSeconds(2);

    private readonly IFleet _fleet;
    private readonly ILogger _log;
    private readonly Channel<FleetEvent> _waiting =
        Channel.CreateBounded<FleetEvent>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private long _lost;
    private long _untold;

    /// <summary>How much is kept.</summary>
    public const int Capacity = 1024;

    /// <param name="fleet">Whose history it is.</param>
    /// <param name="logs">Hears that it waits.</param>
    public HistoryOutbox(IFleet fleet, ILoggerFactory logs)
    {
        (_fleet, _log) = (fleet, logs.CreateLogger("relay-admin"));
        _sending = SendAsync();
    }

    /// <summary>How many were not kept.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Has something to tell.</summary>
    public void Add(FleetEvent record)
    {
        var hasRoom = record.Kind != FleetEventKind.Refusal || _waiting.Reader.Count < Capacity / 2;
        if (!hasRoom || !_waiting.Writer.TryWrite(record))
            Lose(1);
    }

    /// <summary>Tells what it has, and ends; not later than a while after, whether the fleet is there or not.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_waiting.Writer.TryComplete())
            return;
        _stop.CancelAfter(LastSend);
        await _sending.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        while (true)
        {
            List<FleetEvent>? batch = null;
            long lost = 0;
            try
            {
                if (!await _waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
                    return;
                // Made before anything is taken out, so that nothing is lost for want of memory that is not counted.
                batch = new List<FleetEvent>(MostAtOnce);
                while (batch.Count < MostAtOnce && _waiting.Reader.TryRead(out var record))
                    batch.Add(record);
                lost = Interlocked.Exchange(ref _untold, 0);
                await TellAsync(batch, lost).ConfigureAwait(false);
            }
            // It ends, or memory fails. Who stopped for that would never tell again.
            catch (Exception exception)
            {
                Interlocked.Add(ref _untold, lost);
                Lose(batch?.Count ?? 0);
                if (exception is OutOfMemoryException)
                    Thread.Sleep(Again);
            }
        }
    }

    private async Task TellAsync(List<FleetEvent> batch, long lost)
    {
        var isAway = false;
        while (await TrySendAsync(batch, lost).ConfigureAwait(false) is { } cause)
        {
            if (!isAway)
                Log.HistoryWaits(_log, cause);
            isAway = true;
            await PauseAsync().ConfigureAwait(false);
        }
    }

    // Even to wait takes memory; where there is none, the thread does.
    private async ValueTask PauseAsync()
    {
        try
        {
            await Task.Delay(Again, _stop.Token).ConfigureAwait(false);
        }
        catch (OutOfMemoryException)
        {
            Thread.Sleep(Again);
        }
    }

    // Why it was not taken; null where it was.
    private async Task<string?> TrySendAsync(List<FleetEvent> batch, long lost)
    {
        try
        {
            await _fleet.RecordAsync(batch, lost, _stop.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private void Lose(long count)
    {
        Interlocked.Add(ref _lost, count);
        Interlocked.Add(ref _untold, count);
    }
}
