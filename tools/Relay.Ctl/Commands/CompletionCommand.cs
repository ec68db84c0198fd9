using System.CommandLine;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary><c>completion SHELL</c>: the script that lets a shell complete commands, options and names.</summary>
internal sealed class CompletionCommand : Command
{
    // Each asks the program itself through the [suggest:POSITION] directive: what is completed is what is parsed.
    private const string Bash = """
        # In ~/.bashrc:  source <(relayctl completion bash)
        _relayctl() {
          local IFS=$'\n'
          COMPREPLY=($(relayctl "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
          COMPREPLY=($(compgen -W "${COMPREPLY[*]}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _relayctl relayctl
        """;

    private const string Zsh = """
        #compdef relayctl
        # In ~/.zshrc, after compinit:  source <(relayctl completion zsh)
        _relayctl() {
          local -a suggestions
          suggestions=("${(@f)$(relayctl "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
          compadd -a suggestions
        }
        compdef _relayctl relayctl
        """;

    private const string Fish = """
        # relayctl completion fish > ~/.config/fish/completions/relayctl.fish
        function __relayctl_complete
          set -l line (commandline -cp)
          relayctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c relayctl -f -a '(__relayctl_complete)'
        """;

    private readonly Argument<string> _shell = new("shell") { Description = "bash, zsh or fish." };

    /// <param name="environment">Where the output goes.</param>
    public CompletionCommand(CtlEnvironment environment) : base(
        "completion", "Writes the completion script of a shell.")
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Arguments.Add(_shell);
        SetAction(result =>
        {
            environment.Output.WriteLine(result.GetRequiredValue(_shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return ExitStatus.Ok;
        });
    }
}
