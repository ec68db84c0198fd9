using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Grains.State;

namespace Relay.Grains.Hosting;

/// <summary>
/// Calls grains from outside of them: bounded in time, tried a second time where that changes nothing twice, and with
/// every failure said in the fleet's own terms.
/// </summary>
internal sealed class GrainCalls(ILogger logger, GrainClock clock)
{
    /// <summary>The longest that a call may take, both tries together.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private const string Away = "this coordinator has no connection to its cluster at the moment";

    private IGrainFactory? _grains;
    private volatile string _away = Away;
    private long _changes;

    /// <summary>Rises whenever a change that was asked for here has ended, and when another silo is called, or none.</summary>
    internal long Changes => Volatile.Read(ref _changes);

    /// <summary>From now on calls go through this silo.</summary>
    internal void Attach(IGrainFactory grains)
    {
        Volatile.Write(ref _grains, grains);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>There is no silo; calls fail at once.</summary>
    /// <param name="reason">Why, for whoever calls; null where it is not known.</param>
    internal void Detach(string? reason)
    {
        _away = reason is null ? Away : $"{Away}: {reason}";
        Volatile.Write(ref _grains, null);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>A query, or a change that is the same when done twice.</summary>
    /// <exception cref="FleetUnavailableException">Nobody answered.</exception>
    internal Task<T> AskAsync<T>(Func<IGrainFactory, Task<T>> call, CancellationToken cancellation) =>
        CallAsync(static (grains, call) => call(grains), call, tries: 2, isOne: false, cancellation);

    /// <inheritdoc cref="AskAsync{T}"/>
    internal Task<T> AskAsync<TOf, T>(Func<IGrainFactory, TOf, Task<T>> call, TOf of, CancellationToken cancellation) =>
        CallAsync(call, of, tries: 2, isOne: false, cancellation);

    /// <summary>The same of one grain by one call, which the silo ends in time by itself: without a timer of its own.</summary>
    /// <exception cref="FleetUnavailableException">Nobody answered.</exception>
    internal Task<T> AskOneAsync<TOf, T>(Func<IGrainFactory, TOf, Task<T>> call, TOf of) =>
        CallAsync(call, of, tries: 2, isOne: true, CancellationToken.None);

    /// <summary>A change with a result, that is the same when done twice.</summary>
    internal async ValueTask<FleetResult<T>> ChangeAsync<T>(
        Func<IGrainFactory, Task<FleetResult<T>>> call, CancellationToken cancellation, bool isIdempotent = true)
    {
        try
        {
            return await CallAsync(static (grains, call) => call(grains), call, isIdempotent ? 2 : 1, isOne: false, cancellation);
        }
        catch (FleetUnavailableException exception)
        {
            return FleetResult.Unavailable<T>(exception.Message);
        }
        finally
        {
            Interlocked.Increment(ref _changes);
        }
    }

    private async Task<T> CallAsync<TOf, T>(
        Func<IGrainFactory, TOf, Task<T>> call, TOf of, int tries, bool isOne, CancellationToken cancellation)
    {
        var (began, limit) = (Stopwatch.GetTimestamp(), clock.Patience(Limit));
        for (var left = tries - 1; ; left--)
        {
            var grains = Volatile.Read(ref _grains)
                ?? throw new FleetUnavailableException(_away);
            try
            {
                var asking = call(grains, of);
                return await (isOne ? asking : asking.WaitAsync(LeftOf(limit, began), cancellation));
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (Exception exception) when (exception is not (FleetUnavailableException or FleetRejectedException))
            {
                if (left > 0 && IsWorthAnother(exception) && LeftOf(limit, began) > TimeSpan.Zero)
                    continue;
                Log.CallFailed(logger, exception.GetType().Name, exception.Message);
                throw new FleetUnavailableException(Explain(exception), exception);
            }
        }
    }

    private static TimeSpan LeftOf(TimeSpan limit, long began) =>
        Stopwatch.GetElapsedTime(began) is var passed && passed < limit ? limit - passed : TimeSpan.Zero;

    // The grain was where it no longer is: the directory knows better now. What timed out is not asked again: its silo
    // hangs, and the caller has waited long enough.
    private static bool IsWorthAnother(Exception exception) =>
        exception is SiloUnavailableException or OrleansMessageRejectionException or StorageConflictException;

    // For everybody who may ask. What storage says, which names its servers, is in the log.
    private static string Explain(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => "no coordinator answered in time",
        SiloUnavailableException or OrleansMessageRejectionException => "the coordinator that is responsible is away",
        StorageConflictException => "another coordinator has just taken over",
        ObjectDisposedException or InvalidOperationException => "this coordinator is ending",
        _ => "the fleet's state cannot be reached",
    };
}
