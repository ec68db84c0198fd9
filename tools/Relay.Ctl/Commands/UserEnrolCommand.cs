using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>users enrol NAME</c>: a link, and its QR code, by which a user gets a device, once.</summary>
internal sealed class UserEnrolCommand : CtlCommand
{
    private readonly Argument<string> _user;
    private readonly CtlOption<string?> _device = new("--device", "What the device is to be called; 'device' if left out.", "NAME");

    /// <param name="context">What all commands share.</param>
    public UserEnrolCommand(CtlContext context) : base(
        "enrol", "Makes a link, and its QR code, by which a user gets a device: once, within ten minutes.", context)
    {
        _user = Completions.User(context);
        Aliases.Add("enroll");
        this.Takes(_user, _device);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var (user, type) = (result.GetRequiredValue(_user), FleetJson.Of<EnrolmentLink>());
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Post, $"{UsersCommand.PathOf(user)}/enrolments", new EnrolmentBody { Device = result.GetValue(_device) },
            FleetJson.Of<EnrolmentBody>(), cancellation).ConfigureAwait(false);
        var link = answer.Read(type);
        if (session.Report.IsJson)
        {
            session.Report.WriteJson(link, type);
            return ExitStatus.Ok;
        }
        session.Report.WriteLine($"Whoever opens this gets a device of {user}, once, until {Format.Time(link.ExpiresAt)}:");
        // A line of its own, which no table breaks: it is copied.
        session.Report.WriteLine(link.Url);
        session.Report.WriteDarkOnLight(link.QrText);
        return ExitStatus.Ok;
    }
}
