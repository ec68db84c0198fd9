using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Relay.Admin.Http;

/// <summary>
/// The answers that POSTs with an <c>Idempotency-Key</c> got, for a day and 1024 at most: where there is no room, who has most of
/// them loses the oldest. Whoever repeats one while it is carried out waits for the same answer.
/// </summary>
internal sealed class IdempotencyStore(TimeProvider clock)
{
    /// <summary>How many answers are kept.</summary>
    public const int Capacity = 1024;

    /// <summary>How long an answer is kept.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    private sealed record Entry(string Key, byte[] Body, Task<IResult> Answer, long At);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    // Each caller's, oldest first.
    private readonly Dictionary<string, LinkedList<Entry>> _byCaller = new(StringComparer.Ordinal);

    /// <summary>Carries out a request, or gives the answer of the one that it repeats.</summary>
    /// <param name="key">Caller, route and key, with a line each.</param>
    /// <param name="body">Its body.</param>
    /// <param name="carryOut">Carries it out; what fails is not kept.</param>
    /// <returns>The answer, and whether it is an earlier one.</returns>
    /// <exception cref="ProblemException">The key was used for another body.</exception>
    public async Task<(IResult Answer, bool IsRepeat)> DoAsync(
        string key, ReadOnlyMemory<byte> body, Func<Task<IResult>> carryOut)
    {
        var digest = SHA256.HashData(body.Span);
        var made = new TaskCompletionSource<IResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        Entry? before;
        Entry own;
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            Forget(now);
            own = new Entry(key, digest, made.Task, now);
            if (!_entries.TryGetValue(key, out before))
            {
                _entries[key] = own;
                (_byCaller.TryGetValue(CallerOf(key), out var mine) ? mine : _byCaller[CallerOf(key)] = new()).AddLast(own);
            }
        }
        if (before is not null)
        {
            if (!before.Body.AsSpan().SequenceEqual(digest))
                throw Reused();
            try
            {
                return (await before.Answer.ConfigureAwait(false), true);
            }
            catch (Exception e) when (e is not ProblemException)
            {
                // The first one was not carried out: its client went away, or the fleet did. This one has a try of its
                // own.
                return await DoAsync(key, body, carryOut).ConfigureAwait(false);
            }
        }
        try
        {
            var answer = await carryOut().ConfigureAwait(false);
            if (answer is not IStatusCodeHttpResult { StatusCode: >= 200 and < 300 })
                Remove(own);
            made.SetResult(answer);
            return (answer, false);
        }
        catch (Exception exception)
        {
            Remove(own);
            made.SetException(exception);
            // Seen here, whether somebody waits for it or not.
            _ = made.Task.Exception;
            throw;
        }
    }

    /// <summary>The problem of a key that was used for something else.</summary>
    public static ProblemException Reused() => new(Problem.Of(
        StatusCodes.Status422UnprocessableEntity, "the Idempotency-Key was used for another request before"));

    // By the clock that is never set: a wall clock that was put ahead must not have a request carried out twice.
    private void Forget(long now)
    {
        foreach (var old in _byCaller.Values.ToArray())
        {
            while (old.First is { } first && clock.GetElapsedTime(first.Value.At, now) >= KeptFor)
                Remove(first.Value);
        }
        while (_entries.Count >= Capacity)
            Remove(_byCaller.Values.MaxBy(static own => own.Count)!.First!.Value);
    }

    private void Remove(Entry entry)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(entry.Key, out var present) || !ReferenceEquals(present, entry))
                return;
            _entries.Remove(entry.Key);
            var own = _byCaller[CallerOf(entry.Key)];
            own.Remove(entry);
            if (own.Count == 0)
                _byCaller.Remove(CallerOf(entry.Key));
        }
    }

    private static string CallerOf(string key) => key.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 ? key[..end] : "";
}
