using Relay.Abuse.Attacks;

namespace Relay.Abuse.Measure;

/// <summary>What came of an attack: a row of the table.</summary>
internal sealed class AttackRow
{
    public const string Head = """
        | attack | what | done | connections (ended, refused) | MiB before, bound, most, after | control's echo, p50 / p99 ms | neighbour's | p99, in the control's | marks |
        |---|---|---|---|---|---|---|---|---|
        """;

    /// <summary>A neighbour's 99th of a hundred may be so many times the control's.</summary>
    private const double MostRatio = 3;

    /// <summary>Memory is back at so many times what it was.</summary>
    private const double MostAfter = 1.2;

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

    /// <summary>What the attack's connections may make of it.</summary>
    public long? Bound { get; init; }

    public long? Peak { get; set; }

    public long? After { get; set; }

    /// <summary>How long the relay had until then.</summary>
    public TimeSpan Settled { get; set; }

    /// <summary>Whether memory is back.</summary>
    public bool IsBack => After <= MostAfter * Before;

    /// <summary>Whether memory kept to its bound, and came back.</summary>
    public bool KeepsMemory { get; set; }

    /// <summary>The neighbour's echoes before the attack.</summary>
    public required Latencies Alone { get; init; }

    /// <summary>During it.</summary>
    public Latencies Beside { get; set; } = new();

    /// <summary>Those of the control's neighbour during it.</summary>
    public Latencies? Control { get; set; }

    /// <summary>Whether the neighbour's tunnel outlived it.</summary>
    public bool IsNeighbourServed { get; set; }

    private string CodesText => string.Concat(Codes.Select(static code => $"; {code.Value} × {code.Key}"));

    /// <summary>The neighbour's 99th of a hundred, in the control's; without a control not a number.</summary>
    public double Ratio => Control is { Count: > 0 } ? Beside.Percentiles().Most / Control.Percentiles().Most : double.NaN;

    /// <summary>Whether every mark is met.</summary>
    public bool IsGood => IsNeighbourServed && KeepsMemory && !(Ratio > MostRatio);

    private string Marks => IsGood ? "met"
        : string.Join(", ", (string[])[
            .. IsNeighbourServed ? Array.Empty<string>() : ["neighbour lost"], .. KeepsMemory ? Array.Empty<string>() : ["memory"],
            .. Ratio > MostRatio ? ["latency"] : Array.Empty<string>()]);

    public override string ToString() =>
        $"| `{Attack.Name}` | {Attack.What} | {Done} | {Connections} ({Ended}{CodesText}, {Refused}) "
        + $"| {ProcessMemory.Text(Before)}, {ProcessMemory.Text(Bound)}, {ProcessMemory.Text(Peak)}, {ProcessMemory.Text(After)} "
        + $"({Settled.TotalSeconds:F0} s) | {(Control is null ? "–" : Control)} | {Beside} "
        + $"| {(double.IsNaN(Ratio) ? "–" : $"{Ratio:F1}")} | {Marks} |";
}
