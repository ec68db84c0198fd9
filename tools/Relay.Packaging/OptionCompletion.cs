using Relay.Hosting.Options;

namespace Relay.Packaging;

/// <summary>Scripts by which shells complete the options of a catalogue without the program, whose start takes longer than a key.</summary>
internal static class OptionCompletion
{
    private static readonly string[] Files = ["PATH", "PEM", "DIR", "FILE"];

    /// <summary>The script.</summary>
    /// <param name="program">The catalogue.</param>
    /// <param name="shell">bash, zsh or fish.</param>
    public static string Of(ProgramOptions program, string shell) => shell switch
    {
        "bash" => Bash(program),
        "zsh" => Zsh(program),
        "fish" => Fish(program),
        _ => throw new ArgumentOutOfRangeException(nameof(shell), shell, null),
    };

    private static string Bash(ProgramOptions program)
    {
        var takers = program.All.Where(static option => option.Kind != OptionKind.Flag).ToList();
        var files = Patterns(takers.Where(IsFile));
        var others = Patterns(takers.Where(static option => !IsFile(option) && Words(option).Length == 0));
        var words = takers.Where(static option => Words(option).Length > 0)
            .Select(static option => $"    {Patterns([option])}) COMPREPLY=($(compgen -W '{string.Join(' ', Words(option))}' -- \"$current\")); return 0 ;;\n");
        var function = '_' + program.Program.Replace('-', '_');
        return $$"""
            # Made of the options of {{program.Program}}.
            {{function}}() {
              local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} offered='{{string.Join(' ', program.All.SelectMany(Names))}}'
              COMPREPLY=()
              if [ "$COMP_CWORD" -eq 1 ]; then
                offered+=' {{string.Join(' ', program.Commands)}}'
              else
                case ${COMP_WORDS[1]} in {{string.Join('|', program.Commands)}}) return 0 ;; esac
              fi
              case $before in
                {{files}}) compopt -o default; return 0 ;;
            {{string.Concat(words)}}    {{others}}) return 0 ;;
              esac
              COMPREPLY=($(compgen -W "$offered" -- "$current"))
            }
            complete -F {{function}} {{program.Program}}

            """;
    }

    private static string Zsh(ProgramOptions program)
    {
        var lines = program.All.Select(static option =>
        {
            var names = Names(option).ToArray();
            var once = option.Kind == OptionKind.Repeatable ? "*" : names.Length > 1 ? $"({string.Join(' ', names)})" : "";
            var name = names.Length > 1 ? $"'{once}'{{{string.Join(',', names)}}}'" : $"'{once}{names[0]}";
            var value = option.Kind == OptionKind.Flag ? "" : $":{InZsh(option.ValueName)}:" + (IsFile(option) ? "_files"
                : Words(option) is { Length: > 0 } words ? $"({string.Join(' ', words)})" : " ");
            return $"  {name}[{InZsh(option.Description)}]{value}'";
        });
        return $"#compdef {program.Program}\n# Made of the options of {program.Program}.\n_arguments \\\n{string.Join(" \\\n", lines)} \\\n"
            + $"  '1:command:({string.Join(' ', program.Commands)})'\n";
    }

    private static string Fish(ProgramOptions program)
    {
        var lines = program.All.Select(option =>
        {
            var names = string.Concat(Names(option).Select(static name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));
            var value = option.Kind == OptionKind.Flag ? "" : IsFile(option) ? " -r -F"
                : Words(option) is { Length: > 0 } words ? $" -x -a '{string.Join(' ', words)}'" : " -x";
            return $"complete -c {program.Program}{names}{value} -d '{InFish(option.Description)}'\n";
        });
        return $"# Made of the options of {program.Program}.\ncomplete -c {program.Program} -f\n{string.Concat(lines)}"
            + $"complete -c {program.Program} -n __fish_use_subcommand -a '{string.Join(' ', program.Commands)}'\n";
    }

    private static IEnumerable<string> Names(OptionDefinition option) => option.Alias is null ? [option.Name] : [option.Alias, option.Name];

    private static string Patterns(IEnumerable<OptionDefinition> options) => string.Join('|', options.SelectMany(Names));

    private static bool IsFile(OptionDefinition option) => Files.Contains(option.ValueName.Split('|')[0]);

    /// <summary>What is written in small letters is typed so; capitals stand for something.</summary>
    private static string[] Words(OptionDefinition option) => option.ValueName.Contains('|')
        ? [.. option.ValueName.Split('|').Where(static part => part.All(static c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')))] : [];

    private static string InZsh(string text) => text.Replace("'", "'\\''", StringComparison.Ordinal)
        .Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string InFish(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
