using System.CommandLine;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary>How many items of a list are wanted.</summary>
internal static class Limits
{
    /// <summary>The option.</summary>
    public static CtlOption<int> Option(int usual) =>
        new("--limit", $"How many at most; {usual} if left out.", "N") { DefaultValueFactory = _ => usual };

    /// <summary>Its value.</summary>
    public static int Read(ParseResult result, Option<int> option) => result.GetValue(option) is >= 1 and var limit
        ? limit
        : throw new UsageException("--limit is a number from 1.");
}
