using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json.Serialization.Metadata;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary>
/// Arguments whose values a shell can complete by asking the coordinator. Each has a name for its help, which would
/// else list the values, and ask for them.
/// </summary>
internal static class Completions
{
    // Longer, and who types believes that the shell hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>A node's name.</summary>
    public static Argument<string> Node(CtlContext context, string name, string description) =>
        Of(name, description, Nodes(context));

    /// <summary>The names of all nodes.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Nodes(CtlContext context) =>
        Names(context, "v1/nodes", FleetJson.Of<Page<NodeInfo>>(), static node => node.Id);

    /// <summary>A drain's id.</summary>
    public static Argument<string> Drain(CtlContext context) => Of(
        "drain", "The drain's id.",
        Names(context, "v1/drains", FleetJson.Of<Page<DrainInfo>>(), static drain => drain.Id));

    /// <summary>A pool's name.</summary>
    public static Argument<string> Pool(CtlContext context) => Of(
        "pool", "The pool's name.",
        Names(context, "v1/prefix-pools", FleetJson.Of<Page<PrefixPoolInfo>>(), static info => info.Pool.Name));

    /// <summary>A user's name.</summary>
    public static Argument<string> User(CtlContext context) => Of(
        "user", "The user's name.", Names(context, "v1/users", FleetJson.Of<Page<User>>(), static user => user.Name));

    private static Argument<string> Of(
        string name, string description, Func<CompletionContext, IEnumerable<CompletionItem>> source)
    {
        var argument = new Argument<string>(name) { Description = description, HelpName = name };
        argument.CompletionSources.Add(source);
        return argument;
    }

    private static Func<CompletionContext, IEnumerable<CompletionItem>> Names<T>(
        CtlContext context, string path, JsonTypeInfo<Page<T>> type, Func<T, string> name) => completion =>
    {
        try
        {
            using var client = context.Server.Connect(completion.ParseResult, Patience);
            var (items, _) = client.ListAsync(path, type, 1000, CancellationToken.None).GetAwaiter().GetResult();
            return items.Select(name).Where(IsPlain).Select(static text => new CompletionItem(text));
        }
        catch (Exception e) when (e is UsageException or AdminException or UnreachableException)
        {
            // A shell that completes has no place for errors; the command itself will tell.
            return [];
        }
    };

    // What a shell would take apart, or a terminal obey, is not offered.
    private static bool IsPlain(string text) =>
        text.Length > 0 && SafeText.Of(text) == text
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '@' or '+');
}
