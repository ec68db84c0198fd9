using System.CommandLine;

namespace Relay.Ctl.Cli;

/// <summary>An option with all that <c>--help</c> says of it.</summary>
internal class CtlOption<T> : Option<T>
{
    /// <param name="name">With its dashes.</param>
    /// <param name="description">What it does, in a sentence.</param>
    /// <param name="value">What its value is called; null for a flag.</param>
    /// <param name="alias">A short name, with its dash.</param>
    public CtlOption(string name, string description, string? value = null, string? alias = null)
        : base(name, alias is null ? [] : [alias]) => (Description, HelpName) = (description, value);
}

/// <summary>Declarations of commands.</summary>
internal static class CommandExtensions
{
    /// <summary>Adds arguments, options and subcommands, in the order in which <c>--help</c> has them.</summary>
    public static void Takes(this Command command, params ReadOnlySpan<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else if (symbol is Option option)
                command.Options.Add(option);
            else
                command.Subcommands.Add((Command)symbol);
        }
    }
}
