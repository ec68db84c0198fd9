using Relay.Abuse.Attacks;

namespace Relay.Abuse.Measure;

/// <summary>What came of an attack: a row of the table.</summary>
internal sealed class AttackRow
{
    public const string Head = """
        | attack | what | done | connections (ended, refused) | MiB before, most, after | echo alone, p50 / p99 ms | beside | control | neighbour |
        |---|---|---|---|---|---|---|---|---|
        """;

    public required Attack Attack { get; init; }

    /// <summary>Requests, frames, packets, as the attack counts.</summary>
    public long Done { get; set; }

    public int Connections { get; set; }

    /// <summary>Connections that the relay ended.</summary>
    public int Ended { get; set; }

    /// <summary>By which codes, and how many by each.</summary>
    public IReadOnlyDictionary<string, int> Codes { get; set; } = new Dictionary<string, int>();

    /// <summary>Connections that it did not take.</summary>
    public int Refused { get; set; }

    /// <summary>Resident memory, in KiB.</summary>
    public long? Before { get; init; }

    public long? Peak { get; set; }

    public long? After { get; set; }

    /// <summary>The neighbour's echoes before the attack.</summary>
    public required Latencies Alone { get; init; }

    /// <summary>During it.</summary>
    public Latencies Beside { get; set; } = new();

    /// <summary>Those of the control's neighbour during it.</summary>
    public Latencies? Control { get; set; }

    /// <summary>Whether the neighbour's tunnel outlived it.</summary>
    public bool IsNeighbourServed { get; set; }

    private string CodesText => string.Concat(Codes.Select(static code => $"; {code.Value} × {code.Key}"));

    public override string ToString() =>
        $"| `{Attack.Name}` | {Attack.What} | {Done} | {Connections} ({Ended}{CodesText}, {Refused}) "
        + $"| {ProcessMemory.Text(Before)}, {ProcessMemory.Text(Peak)}, {ProcessMemory.Text(After)} "
        + $"| {Alone} | {Beside} | {(Control is null ? "–" : Control)} | {(IsNeighbourServed ? "served" : "lost")} |";
}
