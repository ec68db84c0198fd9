namespace Relay.Node.Fleet;

/// <summary>
/// When to report next. Where nobody answers, ever more rarely; always with jitter, so that the nodes of a fleet whose
/// coordinator comes back do not all call in the same moment.
/// </summary>
/// <param name="random">Where the jitter comes from.</param>
internal sealed class ReportPacing(Random random)
{
    /// <summary>The longest wait: a lease of the usual time survives several.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The longest wait while a lease that is used has less than <see cref="Short"/> left.</summary>
    public static readonly TimeSpan LongestWhenShort = TimeSpan.FromSeconds(3);

    /// <summary>From so little on a lease's time is short.</summary>
    public static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);

    private TimeSpan _interval = TimeSpan.FromSeconds(1);

    /// <summary>The wait between two reports, as the fleet wants it; kept within bounds.</summary>
    public TimeSpan Interval
    {
        get => _interval;
        set => _interval = value < Least ? Least : value > Longest ? Longest : value;
    }

    /// <summary>Reports in a row that were not answered.</summary>
    public int Failures { get; private set; }

    /// <summary>A report was answered.</summary>
    /// <param name="hasMore">There is more to tell than the report held.</param>
    public TimeSpan OnAnswered(bool hasMore)
    {
        Failures = 0;
        return Interval * (hasMore ? 0.4 : 0.9 + (0.2 * random.NextDouble()));
    }

    /// <summary>A report was not answered.</summary>
    /// <param name="isRefused">It was refused: trying soon is of little use.</param>
    /// <param name="leaseLeft">How long the first lease still has that would run out; null without one.</param>
    public TimeSpan OnFailed(bool isRefused, TimeSpan? leaseLeft = null)
    {
        Failures++;
        var longest = leaseLeft < Short ? LongestWhenShort : Longest;
        var ceiling = isRefused ? longest : Interval * Math.Pow(2, Math.Min(Failures, 10));
        if (ceiling > longest)
            ceiling = longest;
        return ceiling * (0.5 + (0.5 * random.NextDouble()));
    }
}
