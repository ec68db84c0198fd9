using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary><c>profile</c>: configuration for clients.</summary>
internal sealed class ProfileCommand : Command
{
    /// <param name="context">What all commands share.</param>
    public ProfileCommand(CtlContext context) : base("profile", "Makes configuration for clients.") =>
        Subcommands.Add(new AppleProfileCommand(context));
}

/// <summary><c>profile apple</c>: a <c>.mobileconfig</c> for Apple devices.</summary>
internal sealed class AppleProfileCommand : CtlCommand
{
    private readonly CtlOption<string> _relay = new("--relay",
        "The relay as clients reach it: HOST, HOST:PORT, or an https URI template of connect-udp.", "RELAY")
    {
        Required = true,
    };

    private readonly CtlOption<bool> _noHttp2 = new("--no-http2",
        "Name the relay for HTTP/3 alone: for relays with --no-tcp.");

    private readonly CtlOption<string?> _name = new("--name", "What the user sees.", "TEXT");

    private readonly CtlOption<string?> _organization = new("--organization", "Whose profile it is, for the user.", "TEXT");

    private readonly CtlOption<string[]> _match = new("--match-domain",
        "A domain that goes through the relay, with all below it; may be repeated. Without any, everything does.", "DOMAIN");

    private readonly CtlOption<string[]> _excluded = new("--excluded-domain",
        "A domain that does not go through the relay, with all below it; may be repeated.", "DOMAIN");

    private readonly CtlOption<string?> _certificate = new("--certificate-uuid",
        "The PayloadUUID of an identity certificate that will be put into the same profile.", "UUID");

    private readonly CtlOption<string?> _authorization = new("--authorization-file",
        "File that holds what each request to the relay is authorized with: 'Bearer …' or 'Basic …'. The profile "
            + "then holds a secret.", "PATH");

    private readonly OutputOption _output = new();

    /// <param name="context">What all commands share.</param>
    public AppleProfileCommand(CtlContext context) : base(
        "apple", "A profile (.mobileconfig) for Apple devices.", context) =>
        this.Takes(_relay, _noHttp2, _name, _organization, _match, _excluded, _certificate, _authorization, _output);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        (string, string?)[] parameters =
        [
            ("relay", result.GetRequiredValue(_relay)), ("http2", result.GetValue(_noHttp2) ? "false" : null),
            ("name", result.GetValue(_name)),
            ("organization", result.GetValue(_organization)), ("certificateUuid", result.GetValue(_certificate)),
            .. (result.GetValue(_match) ?? []).Select(static domain => ("matchDomain", domain)),
            .. (result.GetValue(_excluded) ?? []).Select(static domain => ("excludedDomain", domain)),
        ];
        (string, string)[] fields = result.GetValue(_authorization) is { } secret
            ? [("Relay-Authorization", ServerOptions.ReadFile("--authorization-file", secret, 8 << 10).Trim())]
            : [];
        var answer = await session.Client.GetAsync(Query.Of("v1/apple-profile", parameters), cancellation, fields)
            .ConfigureAwait(false);
        return await _output.WriteAsync(session, result, answer.Body, cancellation).ConfigureAwait(false);
    }
}
