using Relay.Fleet.Contract;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// Which process of each node this coordinator has answered last, so that the audit tells where another has the name.
/// </summary>
internal sealed class NodeProcesses
{
    // More than a fleet has nodes.
    private const int MaxNodes = 16_384;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, NodeProcess> _processes = new(StringComparer.Ordinal);

    /// <summary>Whether a node's last report that was answered came from there.</summary>
    public bool IsKnown(string node, string source)
    {
        lock (_gate)
            return _processes.TryGetValue(node, out var process) && process.Source == source;
    }

    /// <summary>A report was answered by who decides.</summary>
    /// <param name="report">The report.</param>
    /// <param name="source">Where it came from.</param>
    /// <returns>The process that had the name before, and has not left; null where it is the same, or was none.</returns>
    public NodeProcess? Note(NodeReport report, string source)
    {
        lock (_gate)
        {
            if (_processes.TryGetValue(report.Node, out var before) && before.Incarnation == report.Incarnation && before.Source == source
                && !report.IsLeaving)
                return null;
            if (_processes.Count >= MaxNodes)
                _processes.Clear();
            _processes.Remove(report.Node);
            if (!report.IsLeaving)
                _processes[report.Node] = new NodeProcess(report.Incarnation, source);
            return before?.Incarnation == report.Incarnation ? null : before;
        }
    }
}

/// <summary>A run of a node's process.</summary>
/// <param name="Incarnation">Which.</param>
/// <param name="Source">Where its reports come from.</param>
internal sealed record NodeProcess(Guid Incarnation, string Source);
