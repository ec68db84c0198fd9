namespace Relay.Node.Options;

/// <summary>One option: its names, and what <c>--help</c> says of it.</summary>
/// <param name="Group">Its heading.</param>
/// <param name="Name">The long name, with its dashes.</param>
/// <param name="Kind">How many values it takes.</param>
/// <param name="ValueName">What stands for the value in help; empty for a flag.</param>
/// <param name="Description">One sentence without a full stop.</param>
internal sealed record OptionDefinition(
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

    /// <summary>Its key in the JSON file: the long name without dashes in front.</summary>
    public string Key => Name.TrimStart('-');

    /// <summary>Its environment variable: <c>RELAY_</c> and the key in upper case with underscores.</summary>
    public string EnvironmentVariable => "RELAY_" + Key.Replace('-', '_').ToUpperInvariant();
}
