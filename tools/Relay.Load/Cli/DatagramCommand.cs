using System.CommandLine;
using System.Net;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary>What <c>echo</c>, <c>flood-up</c> and <c>flood-down</c> share.</summary>
internal abstract class DatagramCommand<T>(string name, string summary, string keys)
    : MeasureCommand<T>(name, summary, keys) where T : DatagramWorkload
{
    private readonly SpreadOptions _spread = new();
    private readonly LengthOptions _length = new();
    private readonly LoadOption<int> _size = new("--size", "Bytes of each UDP payload, at least 16.", 1100);

    /// <summary>Puts the mode's own options behind those of every such mode.</summary>
    protected void TakesDatagrams(params ReadOnlySpan<Option> options) =>
        TakesAll(withTarget: true, [.. _spread.All, .. _length.All, _size, .. options]);

    /// <summary>What all of them are told.</summary>
    protected DatagramOptions Read(
        ParseResult result, ClientConfig config, TargetSet? targets, Func<TargetSet, IPEndPoint> add)
    {
        var (flows, connections) = _spread.Read(result, config);
        var (count, duration, warmup) = _length.Read(result);
        var size = result.GetValue(_size);
        // A UDP payload over IPv4 has at most 65,507 bytes, and a measured one begins with its header.
        Require(size is >= PayloadHeader.Size and <= 65507, "--size is 16 to 65507.");
        return new DatagramOptions
        {
            Target = Target(result, targets, add),
            Size = size,
            Flows = flows,
            Connections = connections,
            Count = count,
            Duration = duration,
            Warmup = warmup,
        };
    }

    /// <summary>The rows that come first.</summary>
    protected static void AddHead(ResultTable table, ClientConfig config, DatagramOptions options, int? window = null)
    {
        AddClient(table, config);
        table.Add("carrier", "carrier", config.Carrier.ToString().ToLowerInvariant());
        table.Add("size", "size", options.Size, "bytes");
        if (window is { } outstanding)
            table.Add("window", "window", outstanding);
        table.Add("flows", "flows", options.Flows);
        table.Add("connections", "connections", options.Connections);
    }

    /// <summary>The rows that come last for a flood.</summary>
    protected static void AddRates(ResultTable table, RunMeter meter, long datagrams, int size)
    {
        table.Add("wall_seconds", "time", meter.Seconds, "s", 3);
        table.Add("datagrams_per_second", "datagrams a second", datagrams / meter.Seconds, "", 0);
        table.Add("payload_mbit_per_second", "payload", datagrams * 8.0 * size / 1e6 / meter.Seconds, "Mbit/s", 0);
        MeterRows.Add(table, meter, datagrams, "datagram");
    }
}
