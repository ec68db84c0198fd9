namespace Relay.Testing.Nodes;

/// <summary>What is between a simulated node's link and the fleet: it remembers what passes, and loses what it is to.</summary>
internal sealed class NodeWire(SimulatedNode node, NodeRun run) : IFleetReports
{
    /// <summary>Where reports go; null for nowhere.</summary>
    public IFleetReports? Fleet { get; set; }

    /// <summary>The last report.</summary>
    public NodeReport? Report { get; private set; }

    /// <summary>The last answer that arrived.</summary>
    public NodeDirective? Directive { get; private set; }

    /// <summary>Why the last report was not answered.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Why a report was refused.</summary>
    public FleetRejectedException? Rejection { get; private set; }

    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        try
        {
            Failure = null;
            Report = node.Describe(report with { Incarnation = run.Incarnation });
            if (Fleet is null)
                throw new FleetUnavailableException("nobody is asked");
            var directive = await Fleet.ReportAsync(Report, cancellation);
            if (node.LosesAnswers)
                throw new FleetUnavailableException("the answer was lost");
            return Directive = directive;
        }
        catch (Exception exception)
        {
            Failure = exception;
            if (exception is FleetRejectedException rejection)
                Rejection = rejection;
            throw;
        }
    }
}
