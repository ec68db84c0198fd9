using System.Text;
using System.Text.RegularExpressions;

namespace Relay.Testing.Processes;

/// <summary>The lines that a process wrote, in the order they came, and a way to wait for one of them.</summary>
public sealed class OutputLog(string name)
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = NewSignal();
    private bool _ended;

    public string[] Lines
    {
        get
        {
            lock (_gate) return [.. _lines];
        }
    }

    public void Append(string line) => Change(() => _lines.Add(line));

    /// <summary>No further line will come: whoever waits for one fails at once.</summary>
    public void End() => Change(() => _ended = true);

    /// <summary>Waits for the first line, past or future, that matches; or for as many of them.</summary>
    public async Task<Match> WaitForAsync(string pattern, TimeSpan limit, int count = 1)
    {
        using var deadline = Eventually.Deadline(limit);
        for (var seen = 0; ;)
        {
            string[] fresh;
            Task changed;
            bool ended;
            lock (_gate)
                (fresh, changed, ended) = ([.. _lines.Skip(seen)], _changed.Task, _ended);

            foreach (var line in fresh)
            {
                if (Regex.Match(line, pattern) is { Success: true } match && --count == 0)
                    return match;
            }

            if (ended)
                throw new InvalidOperationException(
                    $"{name} ended without a line that matches /{pattern}/. {Describe()}");

            seen += fresh.Length;
            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{name} wrote no line that matches /{pattern}/ in {limit}. {Describe()}");
            }
        }
    }

    /// <summary>The output for a failure's message: all of it, or its two ends.</summary>
    public string Describe()
    {
        const int end = 150;
        var lines = Lines;
        var text = new StringBuilder().Append("Output of ").Append(name).Append(":\n");
        foreach (var line in lines.Take(end))
            text.Append("  ").AppendLine(line);
        if (lines.Length > 2 * end)
            text.Append("  … ").Append(lines.Length - 2 * end).AppendLine(" lines …");
        foreach (var line in lines.Skip(Math.Max(end, lines.Length - end)))
            text.Append("  ").AppendLine(line);
        return text.ToString();
    }

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            change();
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
