using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;
using Relay.Native.Linux;

namespace Relay.Load.Cli;

/// <summary><c>idle</c>.</summary>
internal sealed class IdleCommand : MeasureCommand<IdleWorkload>
{
    private readonly Argument<int?> _number = new("connections")
    {
        Description = "Connections; 2000 if left out.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly LoadOption<int?> _connections = new("--connections", "The same as an option.");
    private readonly LoadOption<double> _hold = new("--hold", "Seconds to hold them.", 5);
    private readonly LoadOption<int> _parallel = new("--parallel", "How many handshakes at a time.", 32);

    public IdleCommand() : base(
        "idle",
        "Opens connections until requests may be sent, holds them without traffic, and closes them in order.",
        "connections, lost_while_held, open_seconds, connections_per_second; with --relay-pid: "
        + "relay_rss_before_kib, relay_rss_open_kib, relay_rss_held_kib, relay_rss_after_kib, "
        + "relay_rss_per_connection_kib, relay_cpu_seconds.")
    {
        Arguments.Add(_number);
        TakesAll(withTarget: false, _connections, _hold, _parallel);
    }

    protected override IdleWorkload Create(ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        var count = result.GetValue(_number) ?? result.GetValue(_connections) ?? 2000;
        var parallel = result.GetValue(_parallel);
        var hold = result.GetValue(_hold);
        Require(count >= 1, "there is at least one connection.");
        Require(parallel >= 1, "--parallel is at least 1.");
        Require(hold >= 0, "--hold is not negative.");
        if (FileLimits.RaiseOpenFiles() is var limit && limit < count + 64)
            throw new IOException($"{count} connections need as many open files, of which {limit} are allowed.");
        return new IdleWorkload(count, parallel, TimeSpan.FromSeconds(hold), meter);
    }

    protected override bool Describe(ResultTable table, IdleWorkload run, RunMeter meter, ClientConfig config)
    {
        if (run.Failure is not null)
            return false;
        AddClient(table, config);
        table.Add("connections", "connections", run.Opened);
        table.Add("lost_while_held", "lost while held", run.LostWhileHeld);
        table.Add("open_seconds", "time to open them", run.OpenSeconds, "s", 3);
        var rate = run.Opened / Math.Max(1e-9, run.OpenSeconds);
        table.Add("connections_per_second", "connections a second", rate, "", 0);
        if (meter.HasRelay)
        {
            table.Add("relay_rss_before_kib", "relay memory before", meter.RelayResidentBefore, "KiB");
            table.Add("relay_rss_open_kib", "  all open", run.RelayResidentOpen, "KiB");
            table.Add("relay_rss_held_kib", "  at the end of the hold", run.RelayResidentHeld, "KiB");
            table.Add("relay_rss_after_kib", "  after they were closed", meter.RelayResidentAfter, "KiB");
            table.Add("relay_rss_per_connection_kib", "  for each connection",
                (run.RelayResidentHeld - meter.RelayResidentBefore) / (double)run.Opened, "KiB", 1);
            table.Add("relay_cpu_seconds", "relay CPU", meter.RelayCpuNanoseconds / 1e9, "s", 3);
        }
        return run.LostWhileHeld == 0;
    }
}
