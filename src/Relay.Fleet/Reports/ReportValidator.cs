namespace Relay.Fleet;

/// <summary>Says what is wrong with a report: it comes from the network, and everything that takes it may rely on its bounds.</summary>
public static class ReportValidator
{
    /// <summary>What is wrong, one sentence each, naming the field; at most 16.</summary>
    public static IReadOnlyList<string> Faults(NodeReport report) => throw new NotImplementedException();

    /// <summary>Refuses a report with a fault.</summary>
    /// <exception cref="FleetRejectedException">It has one; the message says which.</exception>
    public static void Check(NodeReport report) => throw new NotImplementedException();
}
