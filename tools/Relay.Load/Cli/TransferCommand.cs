using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary><c>tcp-down</c> and <c>tcp-up</c>.</summary>
internal sealed class TransferCommand : MeasureCommand<TransferWorkload>
{
    private readonly bool _upward;
    private readonly SpreadOptions _spread = new();
    private readonly LoadOption<string> _bytes = new("--bytes", "Bytes of each flow, such as 64MiB.", "1GiB");

    private readonly LoadOption<VerifyMode> _verify = new("--verify",
        "Digest that both ends compute and compare.", VerifyMode.Checksum);

    public TransferCommand(bool upward) : base(
        upward ? "tcp-up" : "tcp-down",
        (upward ? "Sends a stream to a TCP sink" : "Receives a stream from a TCP source")
        + " through CONNECT, and compares the digests of both ends.",
        "flows, connections, bytes (all flows), verify, verified, digest, target_digest (of the first "
        + "flow), mbit_per_second, " + MeterRows.KeysOf("kib"))
    {
        _upward = upward;
        TakesAll(withTarget: true, [.. _spread.All, _bytes, _verify]);
    }

    protected override TransferWorkload Create(
        ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        var (flows, connections) = _spread.Read(result, config);
        var options = new TransferOptions
        {
            Target = Target(
                result, targets,
                added => (_upward ? added.AddTcpSink(0) : added.AddTcpSource(0)).LocalEndPoint),
            Upward = _upward,
            Flows = flows,
            Connections = connections,
            BytesPerFlow = Values.Bytes(result.GetRequiredValue(_bytes)),
            Verify = result.GetValue(_verify),
        };
        return new TransferWorkload(options, meter);
    }

    protected override bool Describe(ResultTable table, TransferWorkload transfer, RunMeter meter, ClientConfig config)
    {
        var options = transfer.Options;
        var verified = transfer.Transfers.All(tunnel => tunnel.IsVerified);
        var first = transfer.Transfers.First();
        AddClient(table, config);
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
        return verified;
    }
}
