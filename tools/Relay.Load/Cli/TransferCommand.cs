using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary><c>tcp-down</c> and <c>tcp-up</c>.</summary>
internal sealed class TransferCommand : LoadCommand
{
    private readonly bool _upward;
    private readonly RelayOptions _relay = new();
    private readonly MeasureOptions _measure = new();
    private readonly SpreadOptions _spread = new();
    private readonly LoadOption<string> _bytes = new("--bytes", "Bytes of each flow, such as 64MiB.", "1GiB");

    private readonly LoadOption<VerifyMode> _verify = new("--verify",
        "Digest that both ends compute and compare.", VerifyMode.Checksum);

    public TransferCommand(bool upward) : base(
        upward ? "tcp-up" : "tcp-down",
        (upward ? "Sends a stream to a TCP sink" : "Receives a stream from a TCP source")
        + " through CONNECT, and compares the digests of both ends.",
        "mode, http, flows, connections, bytes (all flows), verify, verified, digest, target_digest (of the first "
        + "flow), mbit_per_second, " + MeterRows.Keys.Replace("UNIT", "kib", StringComparison.Ordinal) + ".")
    {
        _upward = upward;
        _relay.AddTo(this);
        _spread.AddTo(this);
        this.Takes(_bytes, _verify);
        _measure.AddTo(this);
    }

    protected override int Run(ParseResult result)
    {
        var config = _relay.Read(result);
        var (flows, connections) = _spread.Read(result, config);
        var target = _measure.Target(
            result, targets => (_upward ? targets.AddTcpSink(0) : targets.AddTcpSource(0)).LocalEndPoint,
            out var targets);
        using var _ = targets;
        var options = new TransferOptions
        {
            Target = target,
            Upward = _upward,
            Flows = flows,
            Connections = connections,
            BytesPerFlow = Values.Bytes(result.GetRequiredValue(_bytes)),
            Verify = result.GetValue(_verify),
        };
        var meter = new RunMeter(_measure.RelayPid(result), targets is null ? null : targets.ReadCpu);
        var transfer = new TransferWorkload(options, meter);
        WorkloadRunner.Run(config, transfer, _measure.ClientCpu(result));

        var table = new ResultTable(Name);
        if (!meter.HasBegun)
            return Finish(transfer, table, _measure.Json(result), good: false);
        var verified = transfer.Transfers.All(tunnel => tunnel.IsVerified);
        var first = transfer.Transfers.First();
        table.Add("http", "HTTP", (long)config.Protocol);
        table.Add("flows", "flows", options.Flows);
        table.Add("connections", "connections", options.Connections);
        table.Add("bytes", "bytes", transfer.Bytes);
        table.Add("verify", "verified by", options.Verify.ToString().ToLowerInvariant());
        table.Add("verified", "length and digest agree", verified);
        table.Add("digest", "digest here", first.LocalDigest);
        table.Add("target_digest", "digest at the target", first.RemoteDigest);
        table.Add("wall_seconds", "time", meter.Seconds, "s", 3);
        table.Add("mbit_per_second", "throughput", transfer.Bytes * 8 / 1e6 / meter.Seconds, "Mbit/s", 0);
        MeterRows.Add(table, meter, transfer.Bytes / 1024.0, "kib");
        return Finish(transfer, table, _measure.Json(result), verified);
    }
}
