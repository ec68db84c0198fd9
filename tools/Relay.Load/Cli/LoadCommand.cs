using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Report;
using Relay.Native.GnuTls;
using Relay.Native.Quic;

namespace Relay.Load.Cli;

/// <summary>A command whose errors become one line and an exit status.</summary>
internal abstract class LoadCommand : Command
{
    protected LoadCommand(string name, string description) : base(name, description) => SetAction(Invoke);

    protected abstract int Run(ParseResult result);

    /// <summary>Says why the run failed: on standard error, and as the <c>error</c> of the JSON object.</summary>
    protected int Fail(string message, bool json)
    {
        Console.Error.WriteLine($"relay-load: {message}");
        if (json)
        {
            var table = new ResultTable(Name);
            table.Add("error", "error", message);
            ResultWriter.Write(table, json: true);
        }
        return ExitStatus.Failed;
    }

    /// <summary>Writes the result of a run, or its failure.</summary>
    protected int Finish(Workload workload, ResultTable table, bool json, bool good)
    {
        if (workload.Failure is { } failure)
            return Fail(failure, json);
        ResultWriter.Write(table, json);
        return good ? ExitStatus.Ok : ExitStatus.Failed;
    }

    protected static void Require(bool condition, string message)
    {
        if (!condition)
            throw new UsageException(message);
    }

    private int Invoke(ParseResult result)
    {
        try
        {
            NativeLibraries.EnsureAvailable();
            return Run(result);
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"relay-load: {e.Message}");
            return ExitStatus.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TlsException or NativeLibraryException)
        {
            Console.Error.WriteLine($"relay-load: {e.Message}");
            return ExitStatus.Failed;
        }
    }
}
