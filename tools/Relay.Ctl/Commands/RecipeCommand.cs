using System.CommandLine;
using System.Text;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary>A command that writes a client's configuration for the fleet's relay.</summary>
internal abstract class RecipeCommand : CtlCommand
{
    private readonly RelayOption _relay = new();
    private readonly OutputOption _output = new();

    /// <summary>The client's credentials.</summary>
    protected AuthorizationOption Authorization { get; } = new();

    /// <summary>The authority of the relay's certificate, by a path of the client's machine.</summary>
    protected CtlOption<string?> Authority { get; } = new("--relay-ca",
        "Path, on the client's machine, of the certificate (PEM) of the relay's authority; left out for a public one.", "PATH");

    /// <param name="name">What is typed.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="takesCredentials">Whether the configuration can hold credentials and an authority.</param>
    /// <param name="context">What all commands share.</param>
    protected RecipeCommand(string name, string summary, bool takesCredentials, CtlContext context) : base(name, summary, context)
    {
        this.Takes(_relay);
        if (takesCredentials)
            this.Takes(Authorization, Authority);
        this.Takes(_output);
    }

    /// <summary>The configuration.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="authorization">The value of <c>Proxy-Authorization</c>; null for none.</param>
    /// <param name="authority">The path of the relay's authority; null for a public one.</param>
    protected abstract string Write(RelayInfo relay, string? authorization, string? authority);

    /// <inheritdoc/>
    protected sealed override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var authorization = Options.Contains(Authorization)
            ? await Authorization.ReadAsync(Context, result, cancellation).ConfigureAwait(false) : null;
        var authority = Options.Contains(Authority) ? result.GetValue(Authority) : null;
        if (authority?.Any(char.IsControl) == true)
            throw new UsageException("--relay-ca: a control character in it.");
        var answer = await session.Client.GetAsync(Query.Of("v1/relay", ("relay", result.GetValue(_relay))), cancellation)
            .ConfigureAwait(false);
        var relay = answer.Read(FleetJson.Of<RelayInfo>());
        // What is written is obeyed by other programs: a line of somebody else's has no place in it.
        if (!relay.Host.All(static c => char.IsAsciiLetterOrDigit(c) || "-._:[]".Contains(c, StringComparison.Ordinal)))
            throw AdminAnswer.Foreign();
        var text = Write(relay, authorization, authority);
        return await _output.WriteAsync(
            session, result, Encoding.UTF8.GetBytes(text), cancellation, isSecret: authorization is not null).ConfigureAwait(false);
    }
}
