using System.CommandLine;
using System.Text;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary><c>profile apple</c>: a <c>.mobileconfig</c>, or declarations, for Apple devices.</summary>
internal sealed class AppleProfileCommand : CtlCommand
{
    private const int MaxSettings = 64 << 10;

    private readonly RelayOption _relay = new();

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

    private readonly AuthorizationOption _authorization = new();

    private readonly CtlOption<string?> _settings = new("--settings",
        "File of JSON with all that a profile can say, as POST /v1/apple-profile takes it, instead of the options above; - for standard "
            + "input.", "PATH");

    private readonly CtlOption<bool> _declarations = new("--declarations",
        "Declarations for OS 27 and later, as JSON for a server of device management, instead of a profile; needs --settings.");

    private readonly OutputOption _output = new();

    /// <param name="context">What all commands share.</param>
    public AppleProfileCommand(CtlContext context) : base(
        "apple", "A profile (.mobileconfig) for Apple devices.", context) => this.Takes(
        _relay, _noHttp2, _name, _organization, _match, _excluded, _certificate, _authorization, _settings, _declarations, _output);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var settings = result.GetValue(_settings);
        if (settings is null && result.GetValue(_declarations))
            throw new UsageException("--declarations: needs --settings.");
        if (settings is null)
            return await GetAsync(session, result, cancellation).ConfigureAwait(false);
        foreach (var option in (Option[])[_relay, _noHttp2, _name, _organization, _match, _excluded, _certificate, _authorization])
        {
            if (result.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name}: --settings says all of it.");
        }
        var json = Encoding.UTF8.GetBytes(await Context.ReadAsync(_settings.Name, settings, MaxSettings, cancellation).ConfigureAwait(false));
        var path = result.GetValue(_declarations) ? "v1/apple-declarations" : "v1/apple-profile";
        var answer = await session.Client.ChangeAsync(HttpMethod.Post, path, cancellation, json).ConfigureAwait(false);
        return await WriteAsync(session, result, answer, isSecret: true, cancellation).ConfigureAwait(false);
    }

    private async Task<int> GetAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        (string, string?)[] parameters =
        [
            ("relay", result.GetValue(_relay)), ("http2", result.GetValue(_noHttp2) ? "false" : null),
            ("name", result.GetValue(_name)),
            ("organization", result.GetValue(_organization)), ("certificateUuid", result.GetValue(_certificate)),
            .. (result.GetValue(_match) ?? []).Select(static domain => ("matchDomain", domain)),
            .. (result.GetValue(_excluded) ?? []).Select(static domain => ("excludedDomain", domain)),
        ];
        var secret = await _authorization.ReadAsync(Context, result, cancellation).ConfigureAwait(false);
        (string, string)[] fields = secret is null ? [] : [("Relay-Authorization", secret)];
        var answer = await session.Client.GetAsync(Query.Of("v1/apple-profile", parameters), cancellation, fields)
            .ConfigureAwait(false);
        return await WriteAsync(session, result, answer, isSecret: secret is not null, cancellation).ConfigureAwait(false);
    }

    // DER begins with a SEQUENCE: a signed profile is bytes, and no text.
    private Task<int> WriteAsync(
        CtlSession session, ParseResult result, AdminAnswer answer, bool isSecret, CancellationToken cancellation) =>
        answer.Body is [0x30, ..] && result.GetValue(_output) is null
            ? throw new UsageException("--output: a signed profile is no text; name a file for it.")
            : _output.WriteAsync(session, result, answer.Body, cancellation, isSecret);
}
