namespace Relay.Admin.Options;

/// <summary>One option of relay-admin.</summary>
/// <param name="Name">The long name, with its dashes.</param>
/// <param name="ValueName">What stands for the value in help; empty for a flag.</param>
/// <param name="Description">One sentence without a full stop.</param>
internal sealed record AdminOption(string Name, string ValueName, string Description)
{
    /// <summary>A short name, with its dash.</summary>
    public string? Alias { get; init; }

    /// <summary>The value that holds if none is given, for help.</summary>
    public string? DefaultText { get; init; }

    /// <summary>Whether it is also a variable of the environment.</summary>
    public bool IsInEnvironment { get; init; } = true;

    /// <summary>Whether it is also a key of the file of <c>--config</c>.</summary>
    public bool IsInFile { get; init; } = true;

    /// <summary>Whether it takes no value.</summary>
    public bool IsFlag => ValueName.Length == 0;

    /// <summary>Its key in the JSON file: the long name without dashes in front.</summary>
    public string Key => Name.TrimStart('-');

    /// <summary>Its environment variable.</summary>
    public string EnvironmentVariable => "RELAY_" + Key.Replace('-', '_').ToUpperInvariant();
}
