using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>users add NAME</c>: adds a user.</summary>
internal sealed class UserAddCommand : CtlCommand
{
    private readonly Argument<string> _user = new("user") { Description = "The name: " + Names.UserRule + "." };
    private readonly CtlOption<string?> _device = new("--device", "With a device of this name, whose secret is told, once.", "NAME");
    private readonly CtlOption<string?> _expires = UserExpireCommand.Option("The user is refused from then on");

    /// <param name="context">What all commands share.</param>
    public UserAddCommand(CtlContext context) : base("add", "Adds a user, with a device if one is named.", context) =>
        this.Takes(_user, _device, _expires);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var user = result.GetRequiredValue(_user);
        var body = new UserBody { ExpiresAt = UserExpireCommand.Read(_expires.Name, result.GetValue(_expires)) };
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Put, UsersCommand.PathOf(user), body, FleetJson.Of<UserBody>(), cancellation, isNew: true).ConfigureAwait(false);
        return result.GetValue(_device) is { } device
            ? await DeviceAddCommand.AddAsync(session, user, new DeviceBody { Name = device }, cancellation).ConfigureAwait(false)
            : session.Show<User>(answer, UsersCommand.Facts);
    }
}

/// <summary>A command that changes something of a user, and leaves the rest as it is.</summary>
internal abstract class UserChangeCommand : CtlCommand
{
    private readonly Argument<string> _user;

    protected UserChangeCommand(string name, string summary, CtlContext context) : base(name, summary, context)
    {
        _user = Completions.User(context);
        Arguments.Add(_user);
    }

    /// <summary>What the user is to be.</summary>
    protected abstract UserBody Change(UserBody before, ParseResult result);

    /// <inheritdoc/>
    protected sealed override async Task<int> RunAsync(
        CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var path = UsersCommand.PathOf(result.GetRequiredValue(_user));
        var before = (await session.Client.GetAsync(path, cancellation).ConfigureAwait(false)).Read(FleetJson.Of<User>());
        var body = Change(new UserBody { IsDisabled = before.IsDisabled, ExpiresAt = before.ExpiresAt }, result);
        // Somebody else's change between the two is not undone.
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Put, path, body, FleetJson.Of<UserBody>(), cancellation, $"\"{before.Version}\"").ConfigureAwait(false);
        return session.Show<User>(answer, UsersCommand.Facts);
    }
}

/// <summary><c>users disable NAME</c> and <c>users enable NAME</c>.</summary>
internal sealed class UserStateCommand(string name, string summary, CtlContext context, bool isDisabled)
    : UserChangeCommand(name, summary, context)
{
    /// <inheritdoc/>
    protected override UserBody Change(UserBody before, ParseResult result) => before with { IsDisabled = isDisabled };
}

/// <summary><c>users expire NAME TIME</c>: until when a user is let in.</summary>
internal sealed class UserExpireCommand : UserChangeCommand
{
    private readonly Argument<string> _at = new("time") { Description = "2026-12-31T23:00:00Z, or never." };

    /// <param name="context">What all commands share.</param>
    public UserExpireCommand(CtlContext context) : base("expire", "Sets from when on a user is refused.", context) =>
        Arguments.Add(_at);

    /// <summary>An option that says from when on something is refused.</summary>
    public static CtlOption<string?> Option(string what) =>
        new("--expires", $"{what}: 2026-12-31T23:00:00Z; never if left out.", "TIME");

    /// <summary>Reads a time; null for never.</summary>
    public static DateTimeOffset? Read(string option, string? text) => text is null ? null : Values.Time(option, text);

    /// <inheritdoc/>
    protected override UserBody Change(UserBody before, ParseResult result) => before with
    {
        ExpiresAt = result.GetRequiredValue(_at) is var at && at == "never" ? null : Read("time", at),
    };
}
