using System.Globalization;

namespace Relay.Fleet.Usage;

/// <summary>A calendar month in UTC.</summary>
/// <param name="Number">Months since the year 0.</param>
public readonly record struct Month(int Number)
{
    /// <summary>When the next one begins.</summary>
    public DateTimeOffset End => new(new DateTime((Number + 1) / 12, (Number + 1) % 12 + 1, 1), TimeSpan.Zero);

    /// <summary>The month that a time is in.</summary>
    public static Month Of(DateTimeOffset time) => new(time.UtcDateTime.Year * 12 + time.UtcDateTime.Month - 1);

    /// <summary>Reads <c>2026-11</c>.</summary>
    public static bool TryParse(string? text, out Month month)
    {
        var isMonth = DateTime.TryParseExact(
            text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time);
        month = isMonth ? Of(time) : default;
        return isMonth;
    }

    /// <summary>As in <c>2026-11</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number / 12:0000}-{Number % 12 + 1:00}");
}
