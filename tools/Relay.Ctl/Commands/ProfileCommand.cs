using System.CommandLine;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary><c>profile</c>: configuration for clients.</summary>
internal sealed class ProfileCommand : Command
{
    /// <param name="context">What all commands share.</param>
    public ProfileCommand(CtlContext context) : base("profile", "Makes configuration for clients.") => this.Takes(
        new AppleProfileCommand(context), new CurlProfileCommand(context), new FirefoxProfileCommand(context),
        new SingBoxProfileCommand(context));
}

/// <summary><c>--relay</c>: the relay that clients are to use.</summary>
internal sealed class RelayOption() : CtlOption<string?>("--relay",
    "The relay as clients reach it: HOST, HOST:PORT, or an https URI template of connect-udp; the fleet's own (--public-relay of the "
        + "coordinator) if left out.", "RELAY");
