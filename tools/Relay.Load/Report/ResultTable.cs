using System.Globalization;

namespace Relay.Load.Report;

/// <summary>One figure: a stable key for programs, a label and a text for people.</summary>
/// <param name="Key">In snake_case, with its unit where it has one.</param>
/// <param name="Label">What it is.</param>
/// <param name="Value">A long, double, bool, string, or null.</param>
/// <param name="Text">As it is shown.</param>
internal readonly record struct ResultRow(string Key, string Label, object? Value, string Text);

/// <summary>The figures of a run, in the order in which they are shown.</summary>
internal sealed class ResultTable(string mode)
{
    private readonly List<ResultRow> _rows = [];

    /// <summary>The command that measured.</summary>
    public string Mode { get; } = mode;

    public IReadOnlyList<ResultRow> Rows => _rows;

    public void Add(string key, string label, long value, string unit = "") =>
        Append(key, label, value, value.ToString("N0", CultureInfo.InvariantCulture) + Suffix(unit));

    public void Add(string key, string label, double value, string unit = "", int decimals = 2) =>
        Append(
            key, label, Math.Round(value, 6),
            value.ToString($"N{decimals}", CultureInfo.InvariantCulture) + Suffix(unit));

    public void Add(string key, string label, string value) => Append(key, label, value, value);

    public void Add(string key, string label, bool value) => Append(key, label, value, value ? "yes" : "no");

    /// <summary>A figure that this run may not have found out.</summary>
    public void Add(string key, string label, long? value, string unit = "")
    {
        if (value is { } known)
            Add(key, label, known, unit);
        else
            AddUnknown(key, label);
    }

    /// <summary>A figure that this run could not find out.</summary>
    public void AddUnknown(string key, string label) => Append(key, label, null, "unknown");

    private void Append(string key, string label, object? value, string text) =>
        _rows.Add(new ResultRow(key, label, value, text));

    private static string Suffix(string unit) => unit.Length == 0 ? "" : " " + unit;
}
