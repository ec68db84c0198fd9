using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary><c>handshakes</c>.</summary>
internal sealed class HandshakesCommand : MeasureCommand<HandshakeWorkload>
{
    private readonly LoadOption<long> _count = new("--count", "Connections to open.", 2000);
    private readonly LoadOption<int> _parallel = new("--parallel", "How many at a time.", 16);

    public HandshakesCommand() : base(
        "handshakes",
        "Opens connections until requests may be sent, and closes them, some at a time.",
        "completed, failed, first_failure, parallel, handshakes_per_second, "
        + "handshake_{p50,p90,p99,p999,max,mean}_us, " + MeterRows.KeysOf("handshake")) =>
        TakesAll(withTarget: false, _count, _parallel);

    protected override HandshakeWorkload Create(
        ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        var (count, parallel) = (result.GetValue(_count), result.GetValue(_parallel));
        Require(count >= 1, "--count is at least 1.");
        Require(parallel >= 1, "--parallel is at least 1.");
        return new HandshakeWorkload(count, parallel, meter);
    }

    protected override bool Describe(ResultTable table, HandshakeWorkload run, RunMeter meter, ClientConfig config)
    {
        AddClient(table, config);
        table.Add("completed", "completed", run.Completed);
        table.Add("failed", "failed", run.Failed);
        if (run.FirstFailure is { } failure)
            table.Add("first_failure", "the first failure", failure);
        table.Add("parallel", "at a time", run.Parallel);
        table.Add("wall_seconds", "time", meter.Seconds, "s", 3);
        table.Add("handshakes_per_second", "handshakes a second", run.Completed / meter.Seconds, "", 0);
        MeterRows.AddLatency(table, run.Latency, "handshake");
        MeterRows.Add(table, meter, run.Completed, "handshake");
        return run.Failed == 0;
    }
}
