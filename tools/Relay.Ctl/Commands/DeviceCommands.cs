using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>users add-device NAME DEVICE</c>: gives a user a device, and tells its secret.</summary>
internal sealed class DeviceAddCommand : CtlCommand
{
    private readonly Argument<string> _user;
    private readonly Argument<string> _device = new("device") { Description = "What to call it, such as phone." };
    private readonly CtlOption<string?> _expires = UserExpireCommand.Option("The device is refused from then on");

    /// <param name="context">What all commands share.</param>
    public DeviceAddCommand(CtlContext context) : base(
        "add-device", "Gives a user a device, and tells its secret, which nobody can ask for again.", context)
    {
        _user = Completions.User(context);
        this.Takes(_user, _device, _expires);
    }

    /// <summary>Gives a user a device.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> AddAsync(CtlSession session, string user, DeviceBody device, CancellationToken cancellation)
    {
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Post, $"{UsersCommand.PathOf(user)}/credentials", device, FleetJson.Of<DeviceBody>(), cancellation)
            .ConfigureAwait(false);
        return session.Show<NewCredential>(answer, Facts);
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation) => AddAsync(
        session, result.GetRequiredValue(_user), new DeviceBody
        {
            Name = result.GetRequiredValue(_device),
            ExpiresAt = UserExpireCommand.Read(_expires.Name, result.GetValue(_expires)),
        }, cancellation);

    private static IEnumerable<(string, string)> Facts(NewCredential credential)
    {
        yield return ("user", credential.User);
        yield return ("device", $"{credential.Name}, {credential.Id}");
        if (credential.ExpiresAt is not null)
            yield return ("expires", Format.Time(credential.ExpiresAt));
        yield return ("secret", credential.Secret);
        yield return ("", "as a Bearer token, or as the password of the user's name; it is told this once");
    }
}

/// <summary><c>users remove-device NAME DEVICE</c>: takes a device from a user.</summary>
internal sealed class DeviceRemoveCommand : CtlCommand
{
    private readonly Argument<string> _user;
    private readonly Argument<string> _device = new("device") { Description = "Its name or its id, as 'users show' has them." };

    /// <param name="context">What all commands share.</param>
    public DeviceRemoveCommand(CtlContext context) : base(
        "remove-device", "Takes a device from a user; its sessions end.", context)
    {
        _user = Completions.User(context);
        this.Takes(_user, _device);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var (path, wanted) = (UsersCommand.PathOf(result.GetRequiredValue(_user)), result.GetRequiredValue(_device));
        var user = (await session.Client.GetAsync(path, cancellation).ConfigureAwait(false)).Read(FleetJson.Of<User>());
        // What is neither is asked for as an id: the answer says that there is none.
        var id = (user.Devices.FirstOrDefault(device => device.Name == wanted) ?? user.Devices.FirstOrDefault(device => device.Id == wanted))
            ?.Id ?? wanted;
        await session.Client.ChangeAsync(
            HttpMethod.Delete, $"{path}/credentials/{Uri.EscapeDataString(id)}", cancellation).ConfigureAwait(false);
        return session.Done($"{wanted} of {user.Name} is removed");
    }
}
