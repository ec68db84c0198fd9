using System.Globalization;

namespace Relay.Grains.Tests.Scale;

/// <summary>What a run has shown.</summary>
internal sealed record ScaleResult
{
    internal required TimeSpan Joined { get; init; }
    internal required double Reports { get; init; }
    internal required double Failed { get; init; }
    internal required double CpuPerReport { get; init; }
    internal double? AllocatedPerReport { get; init; }
    internal double OwnCpu { get; init; }
    internal double OwnAllocated { get; init; }
    internal required TimeSpan P50 { get; init; }
    internal required TimeSpan P99 { get; init; }
    internal required TimeSpan Longest { get; init; }
    internal TimeSpan? LongestPause { get; init; }
    internal double? Paused { get; init; }
    internal long? Heap { get; init; }
    internal required long Resident { get; init; }
    internal TimeSpan? FindSession { get; init; }
    internal TimeSpan? ListIdentity { get; init; }
    internal TimeSpan? Overview { get; init; }
    internal TimeSpan? GrantP50 { get; init; }
    internal TimeSpan? GrantP99 { get; init; }
    internal TimeSpan? DrainAccepted { get; init; }
    internal TimeSpan? DrainP50 { get; init; }
    internal TimeSpan? DrainLast { get; init; }

    /// <summary>A line for each figure, as <c>eng/scale.sh</c> reads them.</summary>
    internal IEnumerable<string> Lines(string run)
    {
        foreach (var (name, value) in Figures().Where(static figure => figure.Value is not null))
            yield return string.Create(CultureInfo.InvariantCulture, $"scale|{run}|{name}|{value:0.####}");
    }

    private IEnumerable<(string Name, double? Value)> Figures() =>
    [
        ("CPU a report, µs", CpuPerReport * 1e6),
        ("of which the simulated node, µs", OwnCpu == 0 ? null : OwnCpu * 1e6),
        ("allocated a report, KiB", AllocatedPerReport / 1024),
        ("of which the simulated node, KiB", OwnAllocated == 0 ? null : OwnAllocated / 1024),
        ("allocated a report beside that, KiB", OwnAllocated == 0 ? null : (AllocatedPerReport - OwnAllocated) / 1024),
        ("reports a second", Reports),
        ("reports that nobody answered, or somebody who stood in, %", Failed * 100),
        ("resident, MiB", Resident >> 20),
        ("live heap, MiB", Heap >> 20),
        ("longest pause of the collector, ms", LongestPause?.TotalMilliseconds),
        ("paused, % of the time", Paused * 100),
        ("answer, p50, ms", P50.TotalMilliseconds),
        ("answer, p99, ms", P99.TotalMilliseconds),
        ("answer, p99 in its p50", P99 / P50),
        ("answer, longest, ms", Longest.TotalMilliseconds),
        ("all nodes join at once with all their sessions, s", Joined.TotalSeconds),
        ("a session found by its id, ms", FindSession?.TotalMilliseconds),
        ("sessions of an identity on all nodes, first page, ms", ListIdentity?.TotalMilliseconds),
        ("overview, ms", Overview?.TotalMilliseconds),
        ("a report that is granted a block while all ask for one, p50, ms", GrantP50?.TotalMilliseconds),
        ("a report that is granted a block while all ask for one, p99, ms", GrantP99?.TotalMilliseconds),
        ("drain of all nodes accepted, ms", DrainAccepted?.TotalMilliseconds),
        ("its order is at a node, p50, ms", DrainP50?.TotalMilliseconds),
        ("its order is at the last node, ms", DrainLast?.TotalMilliseconds),
    ];
}
