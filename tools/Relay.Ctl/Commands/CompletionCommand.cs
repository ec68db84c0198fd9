using System.CommandLine;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary><c>completion SHELL</c>: the script that lets a shell complete commands, options and names.</summary>
internal sealed class CompletionCommand : Command
{
    private readonly Argument<string> _shell = new("shell") { Description = "bash, zsh or fish." };

    /// <param name="environment">Where the output goes.</param>
    public CompletionCommand(CtlEnvironment environment) : base(
        "completion", "Writes the completion script of a shell.")
    {
        _shell.AcceptOnlyFromAmong(CompletionScript.Shells);
        Arguments.Add(_shell);
        SetAction(result =>
        {
            environment.Output.WriteLine(CompletionScript.Of("relayctl", result.GetRequiredValue(_shell)));
            return ExitStatus.Ok;
        });
    }
}
