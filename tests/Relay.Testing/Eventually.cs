using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Relay.Testing;

/// <summary>
/// Waits for what another thread, silo or process will make true. Asking is the wait: nothing is slept through.
/// </summary>
public static class Eventually
{
    /// <summary>Long enough for a busy machine; what is true earlier is seen earlier.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Ends with the test, or when so much time has passed.</summary>
    public static CancellationTokenSource Deadline(TimeSpan limit)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(limit);
        return deadline;
    }

    /// <summary>Asks until the answer fits; who cannot answer yet is asked again.</summary>
    /// <exception cref="TimeoutException">It never did.</exception>
    public static async Task<T> HoldsAsync<T>(string what, Func<Task<T>> ask, Func<T, bool> fits)
    {
        var (answer, last) = (default(T)!, default(Exception));
        await PollAsync(async () =>
        {
            try
            {
                answer = await ask();
                return fits(answer);
            }
            catch (Exception exception) when (exception is not Xunit.Sdk.IAssertionException)
            {
                last = exception;
                return false;
            }
        }, () => new TimeoutException($"in vain waited for: {what}; the last answer was {answer}", last));
        return answer;
    }

    /// <summary>Tries until it is done, whatever is thrown before.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static Task DoneAsync(string what, Func<Task> act) => HoldsAsync(
        what,
        async () =>
        {
            await act();
            return true;
        },
        static done => done);

    /// <summary>Asks until it is so; what the question throws ends the wait.</summary>
    /// <exception cref="TimeoutException">It never was.</exception>
    public static Task HoldsAsync(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        PollAsync(condition, () => new TimeoutException($"in vain waited for: {what}"));

    /// <inheritdoc cref="HoldsAsync(Func{Task{bool}}, string)"/>
    public static Task HoldsAsync(
        Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        HoldsAsync(() => Task.FromResult(condition()), what);

    private static async Task PollAsync(Func<Task<bool>> condition, Func<Exception> late)
    {
        var began = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!await condition())
        {
            var waited = Stopwatch.GetElapsedTime(began);
            if (waited > Limit)
                throw late();
            // What takes long is not asked for as often: the machine is to make it true, and not to answer.
            if (waited > TimeSpan.FromSeconds(1))
                pulse.Period = TimeSpan.FromMilliseconds(50);
            await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
