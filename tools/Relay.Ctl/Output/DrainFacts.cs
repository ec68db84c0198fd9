using Relay.Fleet.Contract;

namespace Relay.Ctl.Output;

/// <summary>A drain in words.</summary>
internal static class DrainFacts
{
    /// <summary>All that is known of it.</summary>
    public static IEnumerable<(string Label, string Value)> Of(DrainInfo drain)
    {
        yield return ("drain", drain.Id);
        yield return ("state", Format.Word(drain.State));
        yield return ("how",
            $"{Format.Word(drain.Mode)}, deadline {Format.Duration(TimeSpan.FromSeconds(drain.DeadlineSeconds))}, "
            + $"at most {drain.MaxConcurrent} out of service"
            + (drain.OnLostNode == OnLostNode.Wait ? ", waits for nodes that are lost" : ""));
        if (drain.Reason.Length > 0)
            yield return ("reason", drain.Reason);
        yield return ("began", Format.Time(drain.CreatedAt));
        yield return ("ended", Format.Time(drain.EndedAt));
        yield return ("nodes",
            $"{drain.Waiting} waiting, {drain.Draining} draining, {drain.Drained} drained, of {drain.Nodes.Count}");
        yield return ("tunnels", Tunnels(drain));
        if (drain.Holdup is not null)
            yield return ("waits", drain.Holdup);
        foreach (var node in drain.Nodes)
            yield return (SafeText.Of(node.Node), Node(node));
    }

    /// <summary>What became of its tunnels.</summary>
    public static string Tunnels(DrainInfo drain) =>
        $"{Format.Count(drain.TunnelsLeft)} left, {Format.Count(drain.Finished)} finished, "
        + $"{Format.Count(drain.ForceClosed)} force-closed" + (drain.Lost > 0
            ? $", {Format.Count(drain.Lost)} lost"
            : "");

    /// <summary>
    /// How long it may take until the last of the nodes that drain now has none left: its deadline; empty where none drains. What
    /// waits for its turn comes after that.
    /// </summary>
    /// <param name="drain">The drain.</param>
    /// <param name="now">The coordinator's clock.</param>
    public static string TimeLeft(DrainInfo drain, DateTimeOffset now) =>
        drain.Nodes.Where(static node => node.Step is DrainStep.Lame or DrainStep.Draining).Max(static node => node.DeadlineAt) is { } last
            ? $"; {Format.Duration(last - now)} left{(drain.Waiting > 0 ? $", and {drain.Waiting} to come" : "")}" : "";

    /// <summary>How long a node's tunnels may still run; empty where it does not drain.</summary>
    /// <param name="node">The node.</param>
    /// <param name="now">The coordinator's clock.</param>
    public static string TimeLeft(DrainNodeInfo node, DateTimeOffset now) =>
        node is { Step: DrainStep.Lame or DrainStep.Draining, DeadlineAt: { } deadline } ? $", {Format.Duration(deadline - now)} left" : "";

    /// <summary>A node's part of it.</summary>
    public static string Node(DrainNodeInfo node) => node.Progress is { } progress
        ? $"{Format.Word(node.Step)}, {Format.Count(progress.TunnelsLeft)} left, {Format.Count(progress.Finished)} finished, "
            + $"{Format.Count(progress.ForceClosed)} force-closed"
        : Format.Word(node.Step);
}
