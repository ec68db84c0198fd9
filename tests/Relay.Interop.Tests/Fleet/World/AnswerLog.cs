using System.Diagnostics;
using Relay.Fleet.Contract;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>Stands between a node's link and its coordinators, and notes when it was answered, and by whom.</summary>
internal sealed class AnswerLog(IFleetReports fleet) : IFleetReports
{
    private readonly Lock _gate = new();
    private long _answeredAt;
    private TimeSpan _longest;

    /// <summary>The longest time between two answers since <see cref="Reset"/>, with the one that is waited for now.</summary>
    public TimeSpan Longest
    {
        get
        {
            lock (_gate)
                return Max(_longest, Stopwatch.GetElapsedTime(_answeredAt));
        }
    }

    /// <summary>Reports that were answered since <see cref="Reset"/>.</summary>
    public int Answers { get; private set; }

    /// <summary>Reports that were answered since <see cref="Reset"/> by who decides.</summary>
    public int RealAnswers { get; private set; }

    /// <summary>Begins to count.</summary>
    public void Reset()
    {
        lock (_gate)
            (_answeredAt, _longest, Answers, RealAnswers) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, 0, 0);
    }

    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        var directive = await fleet.ReportAsync(report, cancellation);
        lock (_gate)
        {
            _longest = Max(_longest, Stopwatch.GetElapsedTime(_answeredAt));
            _answeredAt = Stopwatch.GetTimestamp();
            Answers++;
            if (!directive.IsStandIn)
                RealAnswers++;
        }
        return directive;
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
