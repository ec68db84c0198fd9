using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary><c>flood-up</c>.</summary>
internal sealed class FloodUpCommand : DatagramCommand<FloodUpWorkload>
{
    public FloodUpCommand() : base(
        "flood-up",
        "Sends datagrams to a UDP sink as fast as congestion control lets it.",
        "carrier, size, flows, connections, sent, delivered, lost (warm-up included), datagrams_per_second, "
        + "payload_mbit_per_second (of what was delivered, or sent if --target is given), "
        + MeterRows.KeysOf("datagram")) => TakesDatagrams();

    protected override FloodUpWorkload Create(
        ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        UdpSink? sink = null;
        return new FloodUpWorkload(
            Read(result, config, targets, added => (sink = added.AddUdpSink(0)).LocalEndPoint), meter, sink);
    }

    protected override bool Describe(ResultTable table, FloodUpWorkload flood, RunMeter meter, ClientConfig config)
    {
        AddHead(table, config, flood.Options);
        table.Add("sent", "sent", flood.Sent);
        table.Add("delivered", "delivered to the target", flood.Delivered);
        table.Add("lost", flood.Lost is null ? "lost" : "lost, warm-up included", flood.Lost);
        AddRates(table, meter, flood.Delivered ?? flood.Sent, flood.Options.Size);
        return true;
    }
}

/// <summary><c>flood-down</c>.</summary>
internal sealed class FloodDownCommand : DatagramCommand<FloodDownWorkload>
{
    private readonly LoadOption<long> _rate = new("--rate",
        "Datagrams a second from the target, for each flow; 0 for as many as it can.", 0);

    public FloodDownCommand() : base(
        "flood-down",
        "Has a UDP source send datagrams as fast as it can, or at a rate, and verifies what arrives.",
        "carrier, size, flows, connections, rate, sent_by_target, received, missing (gaps between "
        + "those received), corrupt, datagrams_per_second, payload_mbit_per_second, "
        + MeterRows.KeysOf("datagram")) => TakesDatagrams(_rate);

    protected override FloodDownWorkload Create(
        ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        var rate = result.GetValue(_rate);
        Require(rate >= 0, "--rate is not negative.");
        UdpSource? source = null;
        return new FloodDownWorkload(
            Read(result, config, targets, added => (source = added.AddUdpSource(0)).LocalEndPoint), rate, meter, source);
    }

    protected override bool Describe(ResultTable table, FloodDownWorkload flood, RunMeter meter, ClientConfig config)
    {
        AddHead(table, config, flood.Options);
        table.Add("rate", "rate of each flow", flood.Request.Rate);
        table.Add("sent_by_target", "sent by the target", flood.Sent);
        table.Add("received", "received", flood.Received);
        table.Add("missing", "missing between them", flood.Missing);
        table.Add("corrupt", "corrupt", flood.Corrupt);
        AddRates(table, meter, flood.Received, flood.Options.Size);
        return flood.Corrupt == 0;
    }
}
