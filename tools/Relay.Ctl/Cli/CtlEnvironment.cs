namespace Relay.Ctl.Cli;

/// <summary>What the program has around it: variables, and where its output goes.</summary>
/// <param name="Variable">The value of an environment variable; null when there is none.</param>
/// <param name="Output">What was asked for.</param>
/// <param name="Error">What went wrong, and what a person should know beside it.</param>
/// <param name="IsTerminal">Whether the output is a terminal: then there are colours and moving bars.</param>
/// <param name="Input">What options that take <c>-</c> for a file read.</param>
internal sealed record CtlEnvironment(
    Func<string, string?> Variable, TextWriter Output, TextWriter Error, bool IsTerminal, TextReader Input)
{
    /// <summary>The one of this process.</summary>
    public static CtlEnvironment OfProcess() => new(
        System.Environment.GetEnvironmentVariable, Console.Out, Console.Error, !Console.IsOutputRedirected, Console.In);
}
