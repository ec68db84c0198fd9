using System.CommandLine;
using Relay.Admin.Options;
using Relay.Ctl;
using Relay.Ctl.Cli;
using Relay.Ctl.Commands;
using Relay.Hosting.Options;
using Relay.Load.Cli;
using Relay.Node.Options;

namespace Relay.Packaging;

/// <summary>A program of the package: what it understands, as itself has it.</summary>
internal abstract class PackagedProgram
{
    /// <summary>All four.</summary>
    public static IReadOnlyList<PackagedProgram> All { get; } =
    [
        new Server(OptionCatalog.Program), new Server(AdminOptions.Program),
        new Tool("relayctl", CtlProgram.Root(new CtlEnvironment(static _ => null, TextWriter.Null, TextWriter.Null, false, TextReader.Null))),
        new Tool("relay-load", Loads()),
    ];

    /// <summary>What is typed.</summary>
    public abstract string Name { get; }

    /// <summary>The section of its manual page: 8 for what administrators start, 1 for commands.</summary>
    public abstract int Section { get; }

    /// <summary>Every option that it has, each by all its names.</summary>
    public abstract IEnumerable<string[]> Options { get; }

    /// <summary>What is typed to have it do something, without options and arguments.</summary>
    public virtual IEnumerable<string> CommandLines => [Name];

    /// <summary>Fills its manual page.</summary>
    public abstract ManPage Describe(ManPage page);

    /// <summary>The script by which a shell completes its command line.</summary>
    /// <param name="shell">bash, zsh or fish.</param>
    public abstract string Complete(string shell);

    private static RootCommand Loads()
    {
        var root = LoadProgram.Root();
        foreach (var command in root.Subcommands.OfType<LoadCommand>())
            command.DescribeKeys();
        return root;
    }

    private static void SeeAlso(ManPage page) => page.Section("See also").Paragraph(string.Join(", ",
        All.Where(other => other.Name != page.Name).Select(static other => $"{other.Name}({other.Section})"))
        + "; /usr/share/doc/relayfleet");

    /// <summary>A program with a catalogue of options.</summary>
    private sealed class Server(ProgramOptions program) : PackagedProgram
    {
        public override string Name => program.Program;
        public override int Section => 8;
        public override IEnumerable<string[]> Options => program.All.Select(static option => NamesOf(option));

        public override ManPage Describe(ManPage page)
        {
            var (title, usage) = program.Usage.Split("\n\nUsage: ") is [var first, var rest] ? (first, rest)
                : throw new InvalidOperationException($"{Name}: no usage");
            page.Section("Name").Title(title.Split(": ", 2)[1]).Section("Synopsis");
            foreach (var line in usage.Split('\n'))
                page.Line(line.Trim());
            page.Section("Options");
            foreach (var (heading, options) in HelpText.Groups(program))
            {
                page.Subsection(heading);
                foreach (var option in options)
                    page.Tagged(NamesOf(option), option.ValueName, HelpText.Describe(option));
            }
            page.Section("Environment and configuration").Paragraphs(HelpText.Sources).Section("Notes").Paragraphs(program.Notes);
            page.Section("Files").Paragraph($"/etc/{Name}/{Name}.json: options of the service, {Name}.service");
            SeeAlso(page);
            return page;
        }

        public override string Complete(string shell) => OptionCompletion.Of(program, shell);

        private static string[] NamesOf(OptionDefinition option) => option.Alias is null ? [option.Name] : [option.Alias, option.Name];
    }

    /// <summary>A program of commands.</summary>
    private sealed class Tool(string name, RootCommand root) : PackagedProgram
    {
        public override string Name => name;
        public override int Section => 1;
        public override IEnumerable<string[]> Options => Commands(name, root).SelectMany(static one => Visible(one.Command)).Select(NamesOf);

        public override IEnumerable<string> CommandLines =>
            Commands(name, root).Where(static one => one.Command.Action is not null).Select(static one => one.Path);

        public override ManPage Describe(ManPage page)
        {
            var description = root.Description!.Replace("\r", "", StringComparison.Ordinal);
            page.Section("Name").Title(description.Split(["\n", ": "], 2, StringSplitOptions.None)[0])
                .Section("Synopsis").Line($"{name} COMMAND [options]").Section("Description").Paragraphs(description)
                .Section("Options");
            AddOptions(page, root);
            page.Section("Commands");
            foreach (var (path, command) in Commands(name, root).Skip(1))
            {
                page.Subsection(string.Join(' ', [path, .. command.Arguments.Select(ValueOf)])).Paragraphs(command.Description ?? "");
                foreach (var argument in command.Arguments)
                    page.Tagged([ValueOf(argument)], "", argument.Description ?? "");
                AddOptions(page, command);
            }
            SeeAlso(page);
            return page;
        }

        public override string Complete(string shell) => CompletionScript.Of(name, shell);

        private static IEnumerable<(string Path, Command Command)> Commands(string path, Command command) =>
            command.Subcommands.Where(static one => !one.Hidden)
                .SelectMany(one => Commands($"{path} {one.Name}", one)).Prepend((path, command));

        private static IEnumerable<Option> Visible(Command command) => command.Options.Where(static option => !option.Hidden);

        // The parser's own option has names of Windows, too.
        private static string[] NamesOf(Option option) =>
            [.. option.Aliases.Where(static alias => alias[0] == '-').Order(StringComparer.Ordinal), option.Name];

        private static void AddOptions(ManPage page, Command command)
        {
            foreach (var option in Visible(command))
            {
                var text = option.Description ?? "";
                if (option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } value && $"{value}".Length > 0)
                    text += $" (default: {value})";
                page.Tagged(NamesOf(option), option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? "" : ValueOf(option), text);
            }
        }

        private static string ValueOf(Option option) => option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant();

        private static string ValueOf(Argument argument) => (argument.HelpName ?? argument.Name).ToUpperInvariant();
    }
}
