using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>users</c>: who may use the relays.</summary>
internal sealed class UsersCommand : ListCommand<User>
{
    private static readonly TableColumn<User>[] Columns =
    [
        new("USER", static u => u.Name),
        new("STATE", static u => StateOf(u)),
        new("EXPIRES", static u => u.ExpiresAt is null ? "-" : Format.Time(u.ExpiresAt)),
        new("LAST SEEN", static u => u.LastSeen is null ? "-" : Format.Time(u.LastSeen)),
        new("THIS MONTH", static u => u.BytesThisMonth is { } bytes ? Format.Bytes(bytes) : "-", IsNumber: true),
        new("DEVICES", static u => string.Join(", ", u.Devices.Select(static device => device.Name)), MayWrap: true),
    ];

    private readonly CtlOption<string?> _search = new("--search", "With this as a part of the name.", "TEXT");
    private readonly Option<int> _limit = Limits.Option(100);

    /// <param name="context">What all commands share.</param>
    public UsersCommand(CtlContext context) : base(
        "users", "Users of the relays; add, show, enrol, disable or revoke one, give and take devices.", context, "No user fits.", Columns)
    {
        Symbol[] options = [_search, _limit];
        this.Takes(options);
        this.Takes(
            AsList("Users by name.", options),
            new UserAddCommand(context),
            new ItemCommand("show", "One user, and the devices.", context, HttpMethod.Get, Completions.User(context), PathOf,
                static (session, answer, _) => session.Show<User>(answer, Facts)),
            new UserStateCommand("disable", "Refuses a user until enabled again; open sessions end.", context, isDisabled: true),
            new UserStateCommand("enable", "Lets a user in again.", context, isDisabled: false),
            new UserExpireCommand(context),
            new UserEnrolCommand(context),
            Revoke(context),
            new ItemCommand("usage", "What a user has used, by calendar month (UTC).", context, HttpMethod.Get, Completions.User(context),
                static user => PathOf(user) + "/usage", static (session, answer, _) => session.Show<UserUsage>(answer, Facts)),
            new DeviceAddCommand(context), new DeviceRemoveCommand(context),
            new UserStoreCommand(context), new UserConfirmCommand(context));
    }

    /// <summary>The path of a user.</summary>
    public static string PathOf(string user) => $"v1/users/{Uri.EscapeDataString(user)}";

    /// <summary>A user in words.</summary>
    public static IEnumerable<(string, string)> Facts(User user)
    {
        yield return ("user", user.Name);
        yield return ("state", StateOf(user));
        if (user.ExpiresAt is not null)
            yield return ("expires", Format.Time(user.ExpiresAt));
        if (user.LastSeen is not null)
            yield return ("last seen", Format.Time(user.LastSeen));
        if (user.BytesThisMonth is { } bytes)
            yield return ("this month", Format.Bytes(bytes));
        foreach (var device in user.Devices)
            yield return ("device", $"{device.Name}, {device.Id}, since {Format.Time(device.CreatedAt)}"
                + (device.ExpiresAt is null ? "" : $", {(IsOver(device.ExpiresAt) ? "expired" : "until")} {Format.Time(device.ExpiresAt)}"));
        yield return ("version", user.Version);
    }

    /// <summary>What a user has used, in words.</summary>
    public static IEnumerable<(string, string)> Facts(UserUsage usage)
    {
        yield return ("user", usage.Name);
        yield return ("last seen", usage.LastSeen is null ? "-" : Format.Time(usage.LastSeen));
        yield return ("bytes a month", usage.BytesPerMonth is { } most ? Format.Bytes(most) : "-");
        foreach (var month in usage.Months)
            yield return (month.Month, $"{Format.Bytes(month.BytesUp)} up, {Format.Bytes(month.BytesDown)} down, "
                + Format.Plural(month.Tunnels, "tunnel"));
    }

    /// <inheritdoc/>
    protected override int Most(ParseResult result) => Limits.Read(result, _limit);

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => Query.Of("v1/users", ("search", result.GetValue(_search)));

    private static string StateOf(User user) => user.IsDisabled ? "disabled" : IsOver(user.ExpiresAt) ? "expired" : "active";

    private static bool IsOver(DateTimeOffset? time) => time <= DateTimeOffset.UtcNow;

    private static ItemCommand Revoke(CtlContext context)
    {
        var command = new ItemCommand(
            "revoke", "Removes a user with all devices; open sessions end.", context, HttpMethod.Delete,
            Completions.User(context), PathOf, static (session, _, user) => session.Done($"{user} is removed, with all devices"));
        command.Aliases.Add("remove");
        return command;
    }
}
