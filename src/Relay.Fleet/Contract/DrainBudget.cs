using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>
/// How many nodes may be out of service at a time: a number, or a percentage of the nodes that serve. In JSON <c>2</c>
/// or <c>"25%"</c>.
/// </summary>
[JsonConverter(typeof(DrainBudgetJsonConverter))]
public readonly record struct DrainBudget
{
    private DrainBudget(int value, bool isPercent) => (Value, IsPercent) = (value, isPercent);

    /// <summary>The number, at least 1, or the percentage, 1 to 100.</summary>
    public int Value { get; }

    /// <summary>Whether it is a percentage.</summary>
    public bool IsPercent { get; }

    /// <summary>A number of nodes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public static DrainBudget Nodes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new DrainBudget(count, isPercent: false);
    }

    /// <summary>A percentage of the nodes that serve.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not 1 to 100.</exception>
    public static DrainBudget Percent(int percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        return new DrainBudget(percent, isPercent: true);
    }

    /// <summary>Reads <c>2</c> or <c>25%</c>.</summary>
    public static bool TryParse(string? text, out DrainBudget budget)
    {
        budget = default;
        var isPercent = text?.EndsWith('%') == true;
        var digits = isPercent ? text![..^1] : text;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1
            || (isPercent && value > 100))
            return false;
        budget = new DrainBudget(value, isPercent);
        return true;
    }

    /// <summary>How many nodes that is; never less than 1, so that a drain of a small fleet moves.</summary>
    /// <param name="serving">The nodes that serve, or would if nothing were drained.</param>
    public int Of(int serving) => Math.Max(1, IsPercent ? (int)((long)serving * Value / 100) : Value);

    /// <inheritdoc/>
    public override string ToString() => IsPercent ? $"{Value}%" : Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads and writes a budget as a number or as a text with a percent sign.</summary>
public sealed class DrainBudgetJsonConverter : JsonConverter<DrainBudget>
{
    /// <inheritdoc/>
    public override DrainBudget Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count) && count >= 1)
            return DrainBudget.Nodes(count);
        if (reader.TokenType == JsonTokenType.String && DrainBudget.TryParse(reader.GetString(), out var budget))
            return budget;
        throw new JsonException("a number of nodes from 1, or a percentage such as \"25%\", is wanted");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DrainBudget value, JsonSerializerOptions options)
    {
        if (value.IsPercent)
            writer.WriteStringValue(value.ToString());
        else
            writer.WriteNumberValue(value.Value);
    }
}
