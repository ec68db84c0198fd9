namespace Relay.Ctl.Commands;

/// <summary>The scripts by which a shell completes the command line of a program that System.CommandLine parses.</summary>
internal static class CompletionScript
{
    // Each asks the program itself through the [suggest:POSITION] directive: what is completed is what is parsed.
    private const string Bash = """
        # In ~/.bashrc, unless bash-completion loads it:  source <(relayctl completion bash)
        _PROGRAM() {
          local IFS=$'\n'
          COMPREPLY=($(PROGRAM "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null))
          COMPREPLY=($(compgen -W "${COMPREPLY[*]}" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _PROGRAM PROGRAM
        """;

    private const string Zsh = """
        #compdef PROGRAM
        # In ~/.zshrc, after compinit, unless it is in a folder of $fpath:  source <(relayctl completion zsh)
        _PROGRAM() {
          local -a suggestions
          suggestions=("${(@f)$(PROGRAM "[suggest:${#BUFFER}]" "$BUFFER" 2>/dev/null)}")
          compadd -a suggestions
        }
        # Of a folder of $fpath this file is the function, when it is called first.
        if [ "$funcstack[1]" = _PROGRAM ]; then _PROGRAM "$@"; else compdef _PROGRAM PROGRAM; fi
        """;

    private const string Fish = """
        # relayctl completion fish > ~/.config/fish/completions/relayctl.fish
        function __PROGRAM_complete
          set -l line (commandline -cp)
          PROGRAM "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c PROGRAM -f -a '(__PROGRAM_complete)'
        """;

    /// <summary>The shells that there are scripts for.</summary>
    public static string[] Shells { get; } = ["bash", "zsh", "fish"];

    /// <summary>The script for a program.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="shell">One of <see cref="Shells"/>.</param>
    public static string Of(string program, string shell)
    {
        var script = shell switch { "bash" => Bash, "zsh" => Zsh, _ => Fish };
        // Only relayctl writes its own.
        if (program != "relayctl")
            script = string.Join('\n', script.Split('\n').Where(static line => !line.Contains("relayctl", StringComparison.Ordinal)));
        return script.Replace("PROGRAM", program, StringComparison.Ordinal);
    }
}
