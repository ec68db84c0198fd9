using System.Globalization;

namespace Relay.Ctl.Output;

/// <summary>Numbers and times as a person reads them.</summary>
internal static class Format
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>A whole number.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary><c>1 tunnel</c>, <c>1,204 tunnels</c>.</summary>
    public static string Plural(long number, string thing) => $"{Count(number)} {thing}{(number == 1 ? "" : "s")}";

    /// <summary>Bytes in decimal units.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        for (; bytes >= 999.5 && unit < ByteUnits.Length - 1; unit++)
            bytes /= 1000;
        return $"{(unit == 0 ? bytes.ToString("0", CultureInfo.InvariantCulture) : Digits(bytes))} {ByteUnits[unit]}";
    }

    /// <summary>Bytes a second.</summary>
    public static string ByteRate(double bytes) => $"{Bytes(bytes)}/s";

    /// <summary>A round trip or a set-up time, given in seconds.</summary>
    public static string Latency(double seconds) => seconds switch
    {
        <= 0 => "-",
        < 0.001 => $"{(seconds * 1e6).ToString("0", CultureInfo.InvariantCulture)} µs",
        < 1 => $"{Digits(seconds * 1000)} ms",
        _ => $"{Digits(seconds)} s",
    };

    /// <summary>A duration in its two largest units.</summary>
    public static string Duration(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1))
            return "0s";
        (long Value, string Unit)[] parts =
            [((long)time.TotalDays, "d"), (time.Hours, "h"), (time.Minutes, "m"), (time.Seconds, "s")];
        return string.Concat(parts.SkipWhile(static p => p.Value == 0).Take(2).Where(static p => p.Value > 0)
            .Select(static p => $"{p.Value}{p.Unit}"));
    }

    /// <summary>A time, in UTC.</summary>
    public static string Time(DateTimeOffset? time) =>
        time is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    /// <summary>How long ago a time was.</summary>
    public static string Ago(DateTimeOffset time) => $"{Duration(DateTimeOffset.UtcNow - time)} ago";

    /// <summary>A part of one.</summary>
    public static string Percent(double part) => $"{(part * 100).ToString("0", CultureInfo.InvariantCulture)} %";

    /// <summary>An enumeration's value as the API writes it.</summary>
    public static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Digits(double number) =>
        number.ToString(number >= 100 ? "0" : number >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
