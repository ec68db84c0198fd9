namespace Relay.Node.Sessions;

/// <summary>Every score that one connection's requests count in: its own, and those it shares with others.</summary>
/// <param name="scores">The scores; one more is one more way to recognise a client.</param>
internal sealed class ScanWatch(params ScanScore[] scores)
{
    /// <summary>Takes note of a request, unless it is one too many for any score.</summary>
    /// <returns>0; or nanoseconds after which to try again.</returns>
    internal ulong Ask(int target, ulong now)
    {
        foreach (var score in scores)
        {
            var wait = score.Ask(target, now);
            if (wait > 0)
                return wait;
        }
        return 0;
    }

    /// <summary>A target was not reached.</summary>
    internal void Fail(ulong now)
    {
        foreach (var score in scores)
            score.Fail(now);
    }
}
