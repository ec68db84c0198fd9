using System.Diagnostics;

namespace Relay.Grains.Tests;

/// <summary>
/// Waits for what another thread, silo or process will make true. Asking is the wait: nothing is slept through.
/// </summary>
internal static class Eventually
{
    /// <summary>Long enough for a busy machine; what is true earlier is seen earlier.</summary>
    internal static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Asks until the answer fits.</summary>
    /// <exception cref="TimeoutException">It never did.</exception>
    internal static async Task<T> HoldsAsync<T>(string what, Func<Task<T>> ask, Func<T, bool> fits)
    {
        var began = Stopwatch.GetTimestamp();
        Exception? last = null;
        object? answer = null;
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Stopwatch.GetElapsedTime(began) < Limit)
        {
            try
            {
                var value = await ask();
                if (fits(value))
                    return value;
                answer = value;
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.IAssertionException)
            {
                last = exception;
            }
            await pulse.WaitForNextTickAsync();
        }
        throw new TimeoutException($"in vain waited for: {what}; the last answer was {answer ?? "none"}", last);
    }

    /// <summary>Asks until it is so.</summary>
    internal static Task HoldsAsync(string what, Func<bool> ask) =>
        HoldsAsync(what, () => Task.FromResult(ask()), static holds => holds);
}
