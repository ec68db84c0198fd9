using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>limits</c>: what identities may use in the whole fleet.</summary>
internal sealed class LimitsCommand : ListCommand<LimitRule>
{
    private static readonly TableColumn<LimitRule>[] Columns =
    [
        new("IDENTITY", static l => l.Identity),
        new("SESSIONS", static l => Bound(l.Limit.Sessions), IsNumber: true),
        new("TUNNELS", static l => Bound(l.Limit.Tunnels), IsNumber: true),
        new("BYTES/S", static l => Bound(l.Limit.BytesPerSecond), IsNumber: true),
        new("BYTES/MONTH", static l => Bound(l.Limit.BytesPerMonth), IsNumber: true),
    ];

    /// <param name="context">What all commands share.</param>
    public LimitsCommand(CtlContext context) : base(
        "limits", "Fleet-wide limits by identity; show, set or remove one.", context, "No limit is set.", Columns) =>
        this.Takes(
            AsList("All limits."),
            new ItemCommand("show", "One limit.", context, HttpMethod.Get, Identity(), PathOf,
                static (session, answer, _) => session.Show<LimitRule>(answer, Facts)),
            new LimitPutCommand(context),
            new ItemCommand("delete", "Removes a limit.", context, HttpMethod.Delete, Identity(), PathOf,
                static (session, _, identity) => session.Done($"the limit of {identity} is removed")));

    /// <summary>The identity whose limit is meant.</summary>
    public static Argument<string> Identity() => new("identity")
    {
        Description = "user:…, certificate:…, credential:…, jwt:… or anonymous; * for each that has no limit of its own.",
    };

    /// <summary>The path of a limit.</summary>
    public static string PathOf(string identity) => $"v1/limits/{Uri.EscapeDataString(identity)}";

    /// <summary>A limit in words.</summary>
    public static IEnumerable<(string, string)> Facts(LimitRule rule) =>
    [
        ("identity", rule.Identity), ("sessions", Bound(rule.Limit.Sessions)), ("tunnels", Bound(rule.Limit.Tunnels)),
        ("bytes a second", Bound(rule.Limit.BytesPerSecond)), ("bytes a month", Bound(rule.Limit.BytesPerMonth)),
        ("version", rule.Version),
    ];

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => "v1/limits";

    private static string Bound(long? value) => value is { } bound ? Format.Count(bound) : "-";
}

/// <summary><c>limits put IDENTITY</c>: sets a limit.</summary>
internal sealed class LimitPutCommand : CtlCommand
{
    private readonly Argument<string> _identity = LimitsCommand.Identity();
    private readonly CtlOption<long?> _sessions = new("--sessions", "Sessions at a time.", "N");
    private readonly CtlOption<long?> _tunnels = new("--tunnels", "Tunnels at a time.", "N");

    private readonly CtlOption<long?> _bytes = new("--bytes-per-second", "Bytes a second, both ways together.", "N");
    private readonly CtlOption<long?> _month = new(
        "--bytes-per-month", "Bytes in a calendar month (UTC), both ways together; of user:… and *.", "N");

    /// <param name="context">What all commands share.</param>
    public LimitPutCommand(CtlContext context) : base("put", "Sets a limit; what is not named has none.", context) =>
        this.Takes(_identity, _sessions, _tunnels, _bytes, _month);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var limit = new IdentityLimit
        {
            Sessions = result.GetValue(_sessions),
            Tunnels = result.GetValue(_tunnels),
            BytesPerSecond = result.GetValue(_bytes),
            BytesPerMonth = result.GetValue(_month),
        };
        if (limit is { Sessions: null, Tunnels: null, BytesPerSecond: null, BytesPerMonth: null })
            throw new UsageException(
                "Which limit? Give --sessions, --tunnels, --bytes-per-second or --bytes-per-month; 'limits delete' removes one.");
        var answer = await session.Client.ChangeAsync(HttpMethod.Put,
            LimitsCommand.PathOf(result.GetRequiredValue(_identity)), limit, FleetJson.Of<IdentityLimit>(),
            cancellation)
            .ConfigureAwait(false);
        return session.Show<LimitRule>(answer, LimitsCommand.Facts);
    }
}
