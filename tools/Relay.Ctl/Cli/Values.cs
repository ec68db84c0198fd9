using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Cli;

/// <summary>Reads the values of options.</summary>
internal static class Values
{
    private static readonly (char Unit, long Seconds)[] Units = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

    /// <summary>A time in seconds: <c>90</c>, <c>90s</c>, <c>5m</c>, <c>1h30m</c>.</summary>
    public static int Seconds(string option, string text)
    {
        long total = 0;
        var rest = text.AsSpan();
        var unit = 0;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : rest.Length;
            if (!int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw Wrong();
            if (digits == rest.Length)
            {
                total += number;
                break;
            }
            var letter = rest[digits];
            unit = Array.FindIndex(Units, unit, u => u.Unit == letter);
            if (unit < 0)
                throw Wrong();
            total += number * Units[unit++].Seconds;
            rest = rest[(digits + 1)..];
        }
        return text.Length > 0 && total <= int.MaxValue ? (int)total : throw Wrong();

        UsageException Wrong() => new($"{option}: '{text}' is no time such as 90s, 5m or 1h30m.");
    }

    /// <summary>A point in time: <c>2026-12-31T23:00:00Z</c>.</summary>
    public static DateTimeOffset Time(string option, string text) =>
        text.Contains('T') && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time : throw new UsageException($"{option}: '{text}' is no time such as 2026-12-31T23:00:00Z.");

    /// <summary>How many nodes at a time: <c>2</c> or <c>25%</c>.</summary>
    public static DrainBudget Budget(string option, string text) => DrainBudget.TryParse(text, out var budget)
        ? budget
        : throw new UsageException($"{option}: '{text}' is neither a number from 1 nor a percentage such as 25%.");

    /// <summary>What a lost node does to the next: <c>continue</c>, also where nothing is given, or <c>wait</c>.</summary>
    public static OnLostNode OnLostNode(string option, string? text) => text switch
    {
        null or "continue" => Fleet.Contract.OnLostNode.Continue,
        "wait" => Fleet.Contract.OnLostNode.Wait,
        _ => throw new UsageException($"{option}: '{text}' is neither continue nor wait."),
    };

    /// <summary>A block of addresses.</summary>
    public static Prefix Prefix(string name, string text) => Fleet.Contract.Prefix.TryParse(text, out var prefix)
        ? prefix
        : throw new UsageException($"{name}: '{text}' is no address prefix such as 2001:db8::/64 (without host bits).");

    /// <summary><c>version=TEXT</c> and <c>name=PREFIX</c>, separated by commas; nothing for all.</summary>
    public static NodeSelector Selector(string option, string text)
    {
        var selector = new NodeSelector();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            selector = part.Split('=', 2) switch
            {
                ["version", { Length: > 0 } version] when selector.Version is null =>
                    selector with { Version = version },
                ["name", { Length: > 0 } prefix] when selector.NamePrefix is null =>
                    selector with { NamePrefix = prefix.TrimEnd('*') },
                _ => throw new UsageException($"{option}: '{part}' is neither version=TEXT nor name=PREFIX."),
            };
        }
        return selector;
    }
}
