using System.CommandLine;
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
    private readonly Option<string> _relay = new("--relay")
    {
        Description = "The relay as clients reach it: HOST, HOST:PORT or https://HOST/.",
        HelpName = "RELAY",
        Required = true,
    };

    private readonly Option<string[]> _parameters = new("--set")
    {
        Description = "A further parameter of the API's route, NAME=VALUE; may be repeated.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "File to write; standard output if left out.",
        HelpName = "PATH",
    };

    /// <param name="context">What all commands share.</param>
    public AppleProfileCommand(CtlContext context) : base("apple", "A profile (.mobileconfig) for Apple devices.", context)
    {
        Options.Add(_relay);
        Options.Add(_parameters);
        Options.Add(_output);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var query = $"relay={Uri.EscapeDataString(result.GetRequiredValue(_relay))}";
        foreach (var parameter in result.GetValue(_parameters) ?? [])
        {
            if (parameter.Split('=', 2) is not [{ Length: > 0 } name, var value])
                throw new UsageException($"--set: '{parameter}' is not NAME=VALUE.");
            query += $"&{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";
        }
        var answer = await session.Client.GetAsync($"v1/apple-profile?{query}", cancellation).ConfigureAwait(false);
        if (result.GetValue(_output) is not { } path)
        {
            session.Report.WriteRaw(answer.Body);
            return ExitStatus.Ok;
        }
        try
        {
            await File.WriteAllBytesAsync(path, answer.Body, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--output: {e.Message}");
        }
        session.Report.Say($"written: {path}");
        return ExitStatus.Ok;
    }
}
