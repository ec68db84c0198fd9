using System.CommandLine;

namespace Relay.Load.Cli;

/// <summary>An option with all that <c>--help</c> says of it.</summary>
internal sealed class LoadOption<T> : Option<T>
{
    /// <param name="name">With its dashes.</param>
    /// <param name="description">What it does, in a sentence.</param>
    public LoadOption(string name, string description) : base(name) => Description = description;

    /// <param name="name">With its dashes.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="value">Its value where it is left out.</param>
    public LoadOption(string name, string description, T value) : this(name, description) =>
        DefaultValueFactory = _ => value;
}

/// <summary>Declarations of commands.</summary>
internal static class CommandExtensions
{
    /// <summary>Adds options, in the order in which <c>--help</c> has them.</summary>
    public static void Takes(this Command command, params ReadOnlySpan<Option> options)
    {
        foreach (var option in options)
            command.Options.Add(option);
    }
}
