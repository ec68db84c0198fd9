using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>What <c>flood-up</c> and <c>flood-down</c> share.</summary>
internal abstract class FloodCommand : LoadCommand
{
    private readonly SpreadOptions _spread = new();
    private readonly LengthOptions _length = new();
    private readonly Option<int> _size = MeasureOptions.SizeOption();

    protected FloodCommand(string name, string summary, string keys) : base(name, summary, keys)
    {
        Relay.AddTo(this);
        _spread.AddTo(this);
        _length.AddTo(this);
        Options.Add(_size);
        Measure.AddTo(this);
    }

    protected RelayOptions Relay { get; } = new();

    protected MeasureOptions Measure { get; } = new();

    protected FloodOptions ReadFlood(ParseResult result, ClientConfig config, TargetAuthority target)
    {
        var (flows, connections) = _spread.Read(result, config);
        var (count, duration, warmup) = _length.Read(result);
        var options = new FloodOptions
        {
            Target = target,
            Size = result.GetValue(_size),
            Flows = flows,
            Connections = connections,
            Count = count,
            Duration = duration,
            Warmup = warmup,
        };
        RequireSize(options.Size);
        return options;
    }

    protected ResultTable Begin(ClientConfig config, FloodOptions options)
    {
        var table = new ResultTable(Name);
        table.Add("http", "HTTP", (long)config.Protocol);
        table.Add("carrier", "carrier", config.Carrier.ToString().ToLowerInvariant());
        table.Add("size", "size", options.Size, "bytes");
        table.Add("flows", "flows", options.Flows);
        table.Add("connections", "connections", options.Connections);
        return table;
    }

    protected static void AddRates(ResultTable table, RunMeter meter, long datagrams, int size)
    {
        table.Add("wall_seconds", "time", meter.Seconds, "s", 3);
        table.Add("datagrams_per_second", "datagrams a second", datagrams / meter.Seconds, "", 0);
        table.Add("payload_mbit_per_second", "payload", datagrams * 8.0 * size / 1e6 / meter.Seconds, "Mbit/s", 0);
        MeterRows.Add(table, meter, datagrams, "datagram");
    }
}

/// <summary><c>flood-up</c>.</summary>
internal sealed class FloodUpCommand : FloodCommand
{
    public FloodUpCommand() : base(
        "flood-up",
        "Sends datagrams to a UDP sink as fast as congestion control lets it.",
        "mode, http, carrier, size, flows, connections, sent, delivered, lost (warm-up included), datagrams_per_second, "
        + "payload_mbit_per_second (of what was delivered, or sent if --target is given), "
        + MeterRows.Keys.Replace("UNIT", "datagram", StringComparison.Ordinal) + ".")
    {
    }

    protected override int Run(ParseResult result)
    {
        var config = Relay.Read(result);
        UdpSink? sink = null;
        var target = Measure.Target(result, targets => (sink = targets.AddUdpSink(0)).LocalEndPoint, out var targets);
        using var _ = targets;
        var options = ReadFlood(result, config, target);
        var meter = new RunMeter(Measure.RelayPid(result), targets is null ? null : targets.ReadCpu);
        var flood = new FloodUpWorkload(options, meter, sink);
        WorkloadRunner.Run(config, flood, Measure.ClientCpu(result));

        if (!meter.HasBegun)
            return Finish(flood, new ResultTable(Name), Measure.Json(result), good: false);
        var table = Begin(config, options);
        table.Add("sent", "sent", flood.Sent);
        table.Add("delivered", "delivered to the target", flood.Delivered);
        if (flood.Delivered is null)
            table.AddUnknown("lost", "lost");
        else
            table.Add("lost", "lost, warm-up included", flood.Lost ?? 0);
        AddRates(table, meter, flood.Delivered ?? flood.Sent, options.Size);
        return Finish(flood, table, Measure.Json(result), good: true);
    }
}

/// <summary><c>flood-down</c>.</summary>
internal sealed class FloodDownCommand : FloodCommand
{
    private readonly LoadOption<long> _rate = new("--rate",
        "Datagrams a second from the target, for each flow; 0 for as many as it can.", 0);

    public FloodDownCommand() : base(
        "flood-down",
        "Has a UDP source send datagrams as fast as it can, or at a rate, and verifies what arrives.",
        "mode, http, carrier, size, flows, connections, rate, sent_by_target, received, missing (gaps between "
        + "those received), corrupt, datagrams_per_second, payload_mbit_per_second, "
        + MeterRows.Keys.Replace("UNIT", "datagram", StringComparison.Ordinal) + ".") => Options.Add(_rate);

    protected override int Run(ParseResult result)
    {
        var config = Relay.Read(result);
        UdpSource? source = null;
        var target = Measure.Target(
            result, targets => (source = targets.AddUdpSource(0)).LocalEndPoint, out var targets);
        using var _ = targets;
        var options = ReadFlood(result, config, target) with { Rate = result.GetValue(_rate) };
        Require(options.Rate >= 0, "--rate is not negative.");
        var meter = new RunMeter(Measure.RelayPid(result), targets is null ? null : targets.ReadCpu);
        var flood = new FloodDownWorkload(options, meter, source);
        WorkloadRunner.Run(config, flood, Measure.ClientCpu(result));

        if (!meter.HasBegun)
            return Finish(flood, new ResultTable(Name), Measure.Json(result), good: false);
        var table = Begin(config, options);
        table.Add("rate", "rate of each flow", options.Rate);
        table.Add("sent_by_target", "sent by the target", flood.Sent);
        table.Add("received", "received", flood.Received);
        table.Add("missing", "missing between them", flood.Missing);
        table.Add("corrupt", "corrupt", flood.Corrupt);
        AddRates(table, meter, flood.Received, options.Size);
        return Finish(flood, table, Measure.Json(result), good: flood.Corrupt == 0);
    }
}
