using System.Collections.Concurrent;
using Relay.Fleet.Contract;

namespace Relay.Node.Tests.Fleet;

/// <summary>A fleet that answers as the test says, and keeps what it was told.</summary>
internal sealed class FakeFleet : IFleetReports
{
    private readonly ConcurrentQueue<NodeReport> _reports = new();

    /// <summary>Everything that was reported.</summary>
    public IReadOnlyList<NodeReport> Reports => [.. _reports];

    /// <summary>The answer to a report, or an exception; by default everything is well.</summary>
    public Func<NodeReport, Task<NodeDirective>> Answer { get; set; } =
        static report => Task.FromResult(Directive(report));

    /// <summary>From now on nobody is answered.</summary>
    public void FailsWith(Exception failure) => Answer = _ => Task.FromException<NodeDirective>(failure);

    public static NodeDirective Directive(NodeReport report) => new()
    {
        Sequence = report.Sequence,
        AcknowledgedSessions = report.Sessions.To,
    };

    public ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        _reports.Enqueue(report);
        return new ValueTask<NodeDirective>(Answer(report).WaitAsync(cancellation));
    }
}
