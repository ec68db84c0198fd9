using System.Diagnostics.Metrics;
using Relay.Node.Counters;

namespace Relay.Node.Diagnostics.Metrics;

/// <summary>
/// The values of one instrument at a scrape, each with its labels. Every series is there from the start, at 0.
/// </summary>
/// <typeparam name="T">long or double.</typeparam>
internal sealed class Series<T> where T : struct
{
    private readonly List<(KeyValuePair<string, object?>[] Labels, Func<LoopCounters, T> Read)> _all = [];

    /// <summary>Adds a series with one label.</summary>
    public Series<T> Add(string key, string value, Func<LoopCounters, T> read) => Add(read, Label(key, value));

    /// <summary>Adds a series with two labels.</summary>
    public Series<T> Add(string key, string value, string key2, string value2, Func<LoopCounters, T> read) =>
        Add(read, Label(key, value), Label(key2, value2));

    /// <summary>Reads them all off one snapshot.</summary>
    public IEnumerable<Measurement<T>> Measure(LoopCounters counters)
    {
        foreach (var (labels, read) in _all)
            yield return new Measurement<T>(read(counters), labels);
    }

    private static KeyValuePair<string, object?> Label(string key, string value) => new(key, value);

    private Series<T> Add(Func<LoopCounters, T> read, params KeyValuePair<string, object?>[] labels)
    {
        _all.Add((labels, read));
        return this;
    }
}
