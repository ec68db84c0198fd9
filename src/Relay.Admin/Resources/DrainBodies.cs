using System.ComponentModel.DataAnnotations;
using Relay.Admin.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Resources;

/// <summary>How a node shall be drained.</summary>
internal sealed record DrainNodeBody : IRequestBody
{
    /// <summary>How long its open tunnels may run, in seconds; 300 where it is absent.</summary>
    [Range(0, DrainLimits.MaxDeadlineSeconds)]
    public int? DeadlineSeconds { get; init; }

    /// <summary>
    /// Gradual: load balancers notice first. Immediate: it refuses new tunnels at once. Gradual where it is absent.
    /// </summary>
    public DrainMode? Mode { get; init; }

    /// <summary>Why, for logs and for who looks at the drain.</summary>
    [StringLength(DrainLimits.MaxReason)]
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public void Validate(FieldErrors errors) => DrainLimits.Validate(DeadlineSeconds, Reason, errors);
}

/// <summary>Which nodes shall be drained, and how many at a time.</summary>
internal sealed record DrainBody : IRequestBody
{
    /// <summary>The nodes; either these or a selector.</summary>
    public IReadOnlyList<string>? Nodes { get; init; }

    /// <summary>Chooses the nodes; one that names nothing chooses all.</summary>
    public NodeSelector? Selector { get; init; }

    /// <summary>
    /// How many nodes may be out of service at a time: a number, or a percentage of those that serve. 1 where it is
    /// absent.
    /// </summary>
    public DrainBudget? MaxConcurrent { get; init; }

    /// <summary>How long each node's open tunnels may run, in seconds; 300 where it is absent.</summary>
    [Range(0, DrainLimits.MaxDeadlineSeconds)]
    public int? DeadlineSeconds { get; init; }

    /// <summary>
    /// Gradual: load balancers notice first. Immediate: a node refuses new tunnels at once. Gradual where it is absent.
    /// </summary>
    public DrainMode? Mode { get; init; }

    /// <summary>Why, for logs and for who looks at the drain.</summary>
    [StringLength(DrainLimits.MaxReason)]
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public void Validate(FieldErrors errors)
    {
        DrainLimits.Validate(DeadlineSeconds, Reason, errors);
        if (Nodes is null && Selector is null && !errors.Has("nodes") && !errors.Has("selector"))
            errors.Add("nodes", "either nodes or a selector is required");
        if (Nodes is not null && Selector is not null)
            errors.Add("selector", "not together with nodes");
        if (Nodes is { Count: 0 or > DrainLimits.MaxNodes })
            errors.Add("nodes", $"not 1 to {DrainLimits.MaxNodes} nodes");
        for (var i = 0; Nodes is { Count: <= DrainLimits.MaxNodes } && i < Nodes.Count; i++)
        {
            if (string.IsNullOrEmpty(Nodes[i]))
                errors.Add($"nodes[{i}]", "empty");
            else if (Nodes.Take(i).Contains(Nodes[i]))
                errors.Add($"nodes[{i}]", "named before");
        }
        DrainLimits.ValidateText(Selector?.Version, "selector.version", errors);
        DrainLimits.ValidateText(Selector?.NamePrefix, "selector.namePrefix", errors);
    }
}

/// <summary>What bounds a drain.</summary>
internal static class DrainLimits
{
    /// <summary>The longest deadline, in seconds: a day.</summary>
    public const int MaxDeadlineSeconds = 86_400;

    /// <summary>The most characters of a reason.</summary>
    public const int MaxReason = 256;

    /// <summary>The most nodes that are named.</summary>
    public const int MaxNodes = 1000;

    /// <summary>Notes what is wrong with the fields that all drains have.</summary>
    public static void Validate(int? deadlineSeconds, string? reason, FieldErrors errors)
    {
        if (deadlineSeconds is < 0 or > MaxDeadlineSeconds)
            errors.Add("deadlineSeconds", $"not 0 to {MaxDeadlineSeconds}");
        ValidateText(reason, "reason", errors);
    }

    /// <summary>Notes what is wrong with a text that people and logs show.</summary>
    public static void ValidateText(string? text, string field, FieldErrors errors)
    {
        if (text is { Length: > MaxReason })
            errors.Add(field, $"longer than {MaxReason} characters");
        else if (text?.Any(char.IsControl) == true)
            errors.Add(field, "a control character in it");
    }
}
