namespace Relay.Hosting.Options;

/// <summary>One option: its names, and what <c>--help</c> says of it.</summary>
/// <param name="Group">Its heading.</param>
/// <param name="Name">The long name, with its dashes.</param>
/// <param name="Kind">How many values it takes.</param>
/// <param name="ValueName">What stands for the value in help; empty for a flag.</param>
/// <param name="Description">One sentence without a full stop.</param>
public sealed record OptionDefinition(
    OptionGroup Group, string Name, OptionKind Kind, string ValueName, string Description)
{
    /// <summary>A short name, with its dash.</summary>
    public string? Alias { get; init; }

    /// <summary>The value that holds if none is given, for help; <see langword="null"/> if there is none.</summary>
    public string? DefaultText { get; init; }

    /// <summary>Whether a node cannot start without it.</summary>
    public bool Required { get; init; }

    /// <summary>Where it may be given.</summary>
    public OptionPlaces Places { get; init; } = OptionPlaces.All;

    /// <summary>An option with one value.</summary>
    public static OptionDefinition Single(OptionGroup group, string name, string valueName, string description) =>
        new(group, name, OptionKind.Single, valueName, description);

    /// <summary>An option with any number of values.</summary>
    public static OptionDefinition List(OptionGroup group, string name, string valueName, string description) =>
        new(group, name, OptionKind.Repeatable, valueName, description);

    /// <summary>An option that is there or not.</summary>
    public static OptionDefinition Flag(OptionGroup group, string name, string description) =>
        new(group, name, OptionKind.Flag, "", description);

    /// <summary>An option of whole seconds.</summary>
    public static OptionDefinition Seconds(OptionGroup group, string name, string description, int whenAbsent) =>
        Single(group, name, "SECONDS", description) with { DefaultText = $"{whenAbsent}" };

    /// <summary>Its key in the JSON file: the long name without dashes in front.</summary>
    public string Key => Name.TrimStart('-');

    /// <summary>Its environment variable: <c>RELAY_</c> and the key in upper case with underscores.</summary>
    public string EnvironmentVariable => "RELAY_" + Key.Replace('-', '_').ToUpperInvariant();
}
