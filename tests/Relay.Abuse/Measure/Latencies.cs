namespace Relay.Abuse.Measure;

/// <summary>How long echoes took.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count => _milliseconds.Count;

    /// <summary>Echoes that did not come.</summary>
    public int Lost { get; private set; }

    public void Add(TimeSpan time) => _milliseconds.Add(time.TotalMilliseconds);

    /// <summary>One did not come within this time, and counts as if it had at its end.</summary>
    public void AddLost(TimeSpan patience)
    {
        Lost++;
        Add(patience);
    }

    /// <summary>The median and the 99th of a hundred, in milliseconds.</summary>
    public (double Median, double Most) Percentiles()
    {
        if (_milliseconds.Count == 0)
            return (double.NaN, double.NaN);
        var sorted = _milliseconds.Order().ToArray();
        return (sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 99 / 100)]);
    }

    public override string ToString()
    {
        if (Count == 0)
            return "–";
        var (median, most) = Percentiles();
        return $"{median:F2} / {most:F2}{(Lost > 0 ? $" ({Lost} of {Count} lost)" : "")}";
    }
}
