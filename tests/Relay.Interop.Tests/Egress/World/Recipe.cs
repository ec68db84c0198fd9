using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>
/// The commands of one egress mode, as docs/operating.md gives them: each in a block that follows a comment such as
/// <c>&lt;!-- recipe: fixed, host --&gt;</c>.
/// </summary>
internal sealed partial class Recipe
{
    private readonly ILookup<string, string> _blocks;

    private Recipe(ILookup<string, string> blocks) => _blocks = blocks;

    /// <summary>The options of relay-node.</summary>
    public string[] Options => Assert.Single(_blocks["options"])
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The names of all recipes.</summary>
    public static string[] Names => [.. Blocks().Select(match => match.Groups["name"].Value).Distinct()];

    public static Recipe Read(string name) => new(Blocks()
        .Where(match => match.Groups["name"].Value == name)
        .ToLookup(match => match.Groups["place"].Value, match => match.Groups["body"].Value));

    /// <summary>Runs what is to be done on the router and on the host.</summary>
    public async Task PrepareAsync(EgressWorld world)
    {
        foreach (var commands in _blocks["router"])
            await world.Router.ShellAsync(commands);
        foreach (var commands in _blocks["host"])
            await world.Host.ShellAsync(commands);
    }

    private static MatchCollection Blocks() =>
        Block().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "operating.md")));

    [GeneratedRegex(@"<!-- recipe: (?<name>[a-z-]+), (?<place>host|router|options) -->\n```sh\n(?<body>.*?)\n```",
        RegexOptions.Singleline)]
    private static partial Regex Block();
}
