using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Report;
using Relay.Native;
using Relay.Native.Quic;

namespace Relay.Load.Cli;

/// <summary>A command whose errors become one line and an exit status.</summary>
internal abstract class LoadCommand : Command
{
    private readonly string _keys;

    /// <param name="name">What is typed.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="keys">The keys of its JSON object, or nothing.</param>
    protected LoadCommand(string name, string summary, string keys) : base(name, summary)
    {
        _keys = keys;
        SetAction(Invoke);
    }

    protected abstract int Run(ParseResult result);

    /// <summary>For the command's own help, while a list of commands shows the summary alone.</summary>
    public void DescribeKeys()
    {
        if (_keys.Length > 0)
            Description += $"\n\nJSON keys: {_keys}";
    }

    /// <summary>Writes the result of a run; if it failed, why, and what was measured until then.</summary>
    protected static int Finish(Workload workload, ResultTable table, bool json, bool good)
    {
        if (workload.Failure is { } failure)
        {
            Console.Error.WriteLine($"relay-load: {failure}");
            table.Add("error", "error", failure);
            good = false;
        }
        if (workload.Failure is null || json || table.Rows.Count > 1)
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
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or TlsException or NativeLibraryException)
        {
            Console.Error.WriteLine($"relay-load: {e.Message}");
            return ExitStatus.Failed;
        }
    }
}
