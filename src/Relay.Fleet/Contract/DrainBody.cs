using System.ComponentModel.DataAnnotations;

namespace Relay.Fleet.Contract;

/// <summary>How a node shall be drained.</summary>
public record DrainNodeBody : IRequestBody
{
    private const int MaxDeadlineSeconds = 86_400;
    private const int MaxText = 256;

    /// <summary>How long a node's open tunnels may run, in seconds; 300 where it is absent.</summary>
    [Range(0, MaxDeadlineSeconds)]
    public int DeadlineSeconds { get; init; } = 300;

    /// <summary>
    /// Gradual: load balancers notice first. Immediate: a node refuses new tunnels at once. Gradual where it is absent.
    /// </summary>
    public DrainMode Mode { get; init; }

    /// <summary>Why, for logs and for who looks at the drain.</summary>
    [StringLength(MaxText)]
    public string Reason { get; init; } = "";

    /// <summary>
    /// Continue: a node that is lost in its turn holds up the next ones for the node timeout. Wait: for five minutes.
    /// Continue where it is absent.
    /// </summary>
    public OnLostNode OnLostNode { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Field, string Detail)> Faults()
    {
        if (DeadlineSeconds is < 0 or > MaxDeadlineSeconds)
            yield return ("deadlineSeconds", $"not 0 to {MaxDeadlineSeconds}");
        if (FaultOfText(Reason) is { } fault)
            yield return ("reason", fault);
    }

    /// <summary>What is wrong with a text that people and logs show; null for nothing.</summary>
    protected static string? FaultOfText(string? text) =>
        text is null || Names.IsText(text, MaxText) ? null
        : text.Length > MaxText ? $"longer than {MaxText} characters" : "a control character in it";
}

/// <summary>How the one node shall be drained that a request is about.</summary>
public sealed record DrainOneBody : DrainNodeBody
{
    /// <summary>The default.</summary>
    public DrainOneBody()
    {
    }

    /// <summary>Drains a node, as nodes are drained.</summary>
    public DrainOneBody(DrainNodeBody how) : base(how)
    {
    }

    /// <summary>
    /// Where the node is ordered to drain already, by whichever drain, that drain is the answer; where it waits for its
    /// turn in one, it is taken out of that and drained now. False where it is absent: a node in a drain is a conflict.
    /// </summary>
    public bool Join { get; init; }
}

/// <summary>Which nodes shall be drained, and how many at a time.</summary>
public record DrainBody : DrainNodeBody
{
    private const int MaxNodes = 1000;

    /// <summary>The default: of no node yet.</summary>
    public DrainBody()
    {
    }

    /// <summary>Drains nodes, as one is drained.</summary>
    public DrainBody(DrainNodeBody how) : base(how)
    {
    }

    /// <summary>The nodes; either these or a selector.</summary>
    public IReadOnlyList<string>? Nodes { get; init; }

    /// <summary>Chooses the nodes at the time of asking; one that names nothing chooses all.</summary>
    public NodeSelector? Selector { get; init; }

    /// <summary>
    /// How many nodes of the whole fleet may be out of service at a time, whatever else drains: a number, or a
    /// percentage of those that serve. 1 where it is absent.
    /// </summary>
    public DrainBudget MaxConcurrent { get; init; } = DrainBudget.Nodes(1);

    /// <inheritdoc/>
    public override IEnumerable<(string Field, string Detail)> Faults()
    {
        foreach (var fault in base.Faults())
            yield return fault;
        if (Nodes is null && Selector is null)
            yield return ("nodes", "either nodes or a selector is required");
        if (Nodes is not null && Selector is not null)
            yield return ("selector", "not together with nodes");
        if (Nodes is { Count: 0 or > MaxNodes })
            yield return ("nodes", $"not 1 to {MaxNodes} nodes");
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, node) in Nodes is { Count: <= MaxNodes } ? Nodes.Index() : [])
        {
            if (string.IsNullOrEmpty(node))
                yield return ($"nodes[{i}]", "empty");
            else if (!named.Add(node))
                yield return ($"nodes[{i}]", "named before");
        }
        if (FaultOfText(Selector?.Version) is { } version)
            yield return ("selector.version", version);
        if (FaultOfText(Selector?.NamePrefix) is { } prefix)
            yield return ("selector.namePrefix", prefix);
        if (MaxConcurrent.Value < 1)
            yield return ("maxConcurrent", "a number of nodes from 1, or a percentage such as \"25%\", is wanted");
    }
}
