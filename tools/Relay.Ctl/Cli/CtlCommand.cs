using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Output;
using Relay.Fleet.Json;

namespace Relay.Ctl.Cli;

/// <summary>A command that asks the coordinator something. Its errors become one line and an exit status.</summary>
internal abstract class CtlCommand : Command
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    /// <param name="name">What is typed.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="context">What all commands share.</param>
    protected CtlCommand(string name, string summary, CtlContext context) : base(name, summary)
    {
        Context = context;
        SetAction(InvokeAsync);
    }

    /// <summary>What all commands share.</summary>
    protected CtlContext Context { get; }

    /// <summary>Does it.</summary>
    /// <returns>The exit status.</returns>
    protected abstract Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation);

    private async Task<int> InvokeAsync(ParseResult result, CancellationToken cancellation)
    {
        var (_, output, error, isTerminal, _) = Context.Environment;
        try
        {
            using var client = Context.Server.Connect(result, AnswerTimeout);
            var report = new Report(output, error, isTerminal, Context.Server.IsJson(result));
            return await RunAsync(new CtlSession(client, report), result, cancellation).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            error.WriteLine($"relayctl: {SafeText.Of(e.Message)}");
            return ExitStatus.Usage;
        }
        catch (AdminException e)
        {
            error.WriteLine($"relayctl: {SafeText.Of(e.Message)}");
            // The message names the first of each field's errors, for a few fields: what it has said is not said twice.
            foreach (var line in e.Errors.Select(static field => $"{field.Key}: {string.Join("; ", field.Value)}"))
            {
                if (!e.Message.Contains(line, StringComparison.Ordinal))
                    error.WriteLine($"  {SafeText.Of(line)}");
            }
            return ExitStatus.Failed;
        }
        catch (UnreachableException e)
        {
            error.WriteLine($"relayctl: {SafeText.Of(e.Message)}");
            return ExitStatus.Unreachable;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitStatus.Interrupted;
        }
    }
}

/// <summary>What all commands share.</summary>
/// <param name="Environment">What the program has around it.</param>
/// <param name="Server">Which coordinator, and who asks.</param>
internal sealed record CtlContext(CtlEnvironment Environment, ServerOptions Server)
{
    /// <summary>Reads a small file that an option names; <c>-</c> is standard input.</summary>
    /// <exception cref="UsageException">It cannot be read, or is too large.</exception>
    public async Task<string> ReadAsync(string option, string path, int most, CancellationToken cancellation)
    {
        if (path != "-")
            return ServerOptions.ReadFile(option, path, most);
        var text = new char[most + 1];
        var length = await Environment.Input.ReadBlockAsync(text, cancellation).ConfigureAwait(false);
        return length <= most ? new string(text, 0, length) : throw new UsageException($"{option}: more than {most} characters.");
    }
}

/// <summary>One run of a command.</summary>
/// <param name="Client">The way to the coordinator.</param>
/// <param name="Report">Where results go.</param>
internal sealed record CtlSession(AdminClient Client, Report Report)
{
    /// <summary>Writes the one thing that an answer is about: as JSON, or as its facts.</summary>
    /// <returns>The exit status of a command that has no more to do.</returns>
    /// <exception cref="AdminException">It is not what the API gives.</exception>
    public int Show<T>(AdminAnswer answer, Func<T, IEnumerable<(string Label, string Value)>> facts)
    {
        var type = FleetJson.Of<T>();
        Report.Write(answer.Read(type), type, facts);
        return ExitStatus.Ok;
    }

    /// <summary>Says that something is done, of which JSON has nothing to tell.</summary>
    /// <inheritdoc cref="Show" path="/returns"/>
    public int Done(string line)
    {
        if (!Report.IsJson)
            Report.WriteLine(line);
        return ExitStatus.Ok;
    }
}
