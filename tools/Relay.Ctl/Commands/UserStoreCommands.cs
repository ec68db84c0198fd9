using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>users store</c>: the store of users, and how far nodes have it.</summary>
internal sealed class UserStoreCommand(CtlContext context) : CtlCommand(
    "store", "The store of users, and which nodes have not what is in it.", context)
{
    /// <summary>The store in words.</summary>
    public static IEnumerable<(string, string)> Facts(UserStoreInfo info)
    {
        yield return ("store", $"{info.Store}");
        yield return ("users", $"{Format.Count(info.Users)} with {Format.Plural(info.Devices, "device")}");
        yield return ("confirmed", info.IsConfirmed ? "yes: it replaces what nodes have of another" : "no");
        yield return ("waiting", info.Waiting.Count == 0
            ? "no node" : $"{string.Join(", ", info.Waiting)}: with users of another store, until this one is confirmed");
        if (info.Behind.Count > 0)
            yield return ("behind", string.Join(", ", info.Behind));
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation) =>
        session.Show<UserStoreInfo>(
            await session.Client.GetAsync("v1/user-store", cancellation).ConfigureAwait(false), Facts);
}

/// <summary><c>users confirm STORE</c>: the store replaces what nodes have of another.</summary>
internal sealed class UserConfirmCommand : CtlCommand
{
    private readonly Argument<string> _store = new("store") { Description = "As 'users store' shows it." };

    /// <param name="context">What all commands share.</param>
    public UserConfirmCommand(CtlContext context) : base(
        "confirm", "Nodes take the store's users in place of those that they have of another, which was lost.", context) =>
        Arguments.Add(_store);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var text = result.GetRequiredValue(_store);
        if (!Guid.TryParse(text, out var store))
            throw new UsageException($"store: '{text}' is no store such as 'users store' shows.");
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Post, "v1/user-store/confirm", new ConfirmBody { Store = store }, FleetJson.Of<ConfirmBody>(), cancellation)
            .ConfigureAwait(false);
        return session.Show<UserStoreInfo>(answer, UserStoreCommand.Facts);
    }
}
