
namespace Relay.Grains.Tests.Scale;

/// <summary>What a run has shown.</summary>
internal sealed record ScaleResult
{
    internal required int Nodes { get; init; }
    internal required int Sessions { get; init; }
    internal required TimeSpan Joined { get; init; }
    internal required double Reports { get; init; }
    internal required double Cpu { get; init; }
    internal required long AllocatedPerReport { get; init; }
    internal required TimeSpan P50 { get; init; }
    internal required TimeSpan P99 { get; init; }
    internal required TimeSpan Max { get; init; }
    internal long Heap { get; init; }
    internal required long WorkingSet { get; init; }
    internal required TimeSpan FindSession { get; init; }
    internal required TimeSpan ListIdentity { get; init; }
    internal required TimeSpan Overview { get; init; }
    internal TimeSpan GrantP50 { get; init; }
    internal TimeSpan GrantP99 { get; init; }
    internal TimeSpan DrainAccepted { get; init; }
    internal TimeSpan DrainP50 { get; init; }
    internal TimeSpan DrainLast { get; init; }

    /// <summary>As a table for docs/benchmarks.md.</summary>
    internal string ToMarkdown() => $"""
        | {Nodes} nodes, {Sessions} sessions | |
        |---|---|
        | all nodes join at once with all their sessions | {Ms(Joined)} |
        | reports a second | {Reports:f0} |
        | processor time, simulated nodes included | {Cpu:p0} of one core |
        | allocated a report | {AllocatedPerReport / 1024.0:f1} KiB |
        | a report's answer, p50 / p99 / longest | {Ms(P50)} / {Ms(P99)} / {Ms(Max)} |
        | live heap / resident | {Heap >> 20} MiB / {WorkingSet >> 20} MiB |
        | one session found by its id | {Ms(FindSession)} |
        | sessions of an identity on all nodes, first page | {Ms(ListIdentity)} |
        | overview | {Ms(Overview)} |
        | a report that is granted a block while all ask for one, p50 / p99 | {Ms(GrantP50)} / {Ms(GrantP99)} |
        | drain of all nodes accepted | {Ms(DrainAccepted)} |
        | its order is at a node, p50 / last | {Ms(DrainP50)} / {Ms(DrainLast)} |
        """;

    private static string Ms(TimeSpan time) => $"{time.TotalMilliseconds.ToString(time.TotalMilliseconds < 10 ? "f1" : "f0")} ms";
}
