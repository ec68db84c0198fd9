using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Workloads;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary><c>echo</c>.</summary>
internal sealed class EchoCommand : LoadCommand
{
    private readonly RelayOptions _relay = new();
    private readonly MeasureOptions _measure = new();
    private readonly SpreadOptions _spread = new();
    private readonly LengthOptions _length = new();
    private readonly Option<int> _size = MeasureOptions.SizeOption();
    private readonly LoadOption<int> _window = new("--window", "Datagrams outstanding in each flow.", 64);

    private readonly LoadOption<double> _timeout = new("--timeout", "Seconds after which a datagram is lost.", 1);

    private readonly LoadOption<long> _rebind = new("--rebind-every",
        "Move to another UDP port after so many echoes, as a NAT does; 0 for never. With HTTP/3 alone.", 0);

    private readonly LoadOption<bool> _failOnLoss = new("--fail-on-loss", "Exit with 1 if a datagram is lost.");

    public EchoCommand() : base(
        "echo",
        "Keeps a window of datagrams in flight to a UDP echo target and verifies every echo.",
        "mode, http, carrier, size, window, flows, connections, echoes, sent, lost, late, duplicates, corrupt, "
        + "sent_by_capsule, echoes_by_capsule, rebinds (with --rebind-every), echoes_per_second, "
        + "latency_{p50,p90,p99,p999,max,mean}_us, "
        + MeterRows.Keys.Replace("UNIT", "echo", StringComparison.Ordinal) + ".")
    {
        _relay.AddTo(this);
        _spread.AddTo(this);
        _length.AddTo(this);
        this.Takes(_size, _window, _timeout, _rebind, _failOnLoss);
        _measure.AddTo(this);
    }

    protected override int Run(ParseResult result)
    {
        var config = _relay.Read(result);
        var json = _measure.Json(result);
        var (flows, connections) = _spread.Read(result, config);
        var (count, duration, warmup) = _length.Read(result);
        var target = _measure.Target(result, targets => targets.AddUdpEcho(0).LocalEndPoint, out var targets);
        using var _ = targets;
        var options = new EchoOptions
        {
            Target = target,
            Size = result.GetValue(_size),
            Window = result.GetValue(_window),
            Flows = flows,
            Connections = connections,
            Count = count,
            Duration = duration,
            Warmup = warmup,
            LossTimeout = TimeSpan.FromSeconds(result.GetValue(_timeout)),
            RebindEvery = result.GetValue(_rebind),
        };
        RequireSize(options.Size);
        Require(options.Window is >= 1 and <= 1 << 20, "--window is 1 to 1048576.");
        Require(
            options.RebindEvery == 0 || config.Protocol == HttpProtocol.Http3,
            "--rebind-every is of QUIC: a connection of TCP does not move.");
        Require(options.LossTimeout > TimeSpan.Zero, "--timeout is above 0.");

        var meter = new RunMeter(_measure.RelayPid(result), targets is null ? null : targets.ReadCpu);
        var echo = new EchoWorkload(options, meter);
        WorkloadRunner.Run(config, echo, _measure.ClientCpu(result));
        var good = echo.Corrupt == 0 && (echo.Lost == 0 || !result.GetValue(_failOnLoss));
        return Finish(echo, Describe(echo, config), json, good);
    }

    private static ResultTable Describe(EchoWorkload echo, ClientConfig config)
    {
        var table = new ResultTable("echo");
        var options = echo.Options;
        if (!echo.Meter.HasBegun)
            return table;
        table.Add("http", "HTTP", (long)config.Protocol);
        table.Add("carrier", "carrier", config.Carrier.ToString().ToLowerInvariant());
        table.Add("size", "size", options.Size, "bytes");
        table.Add("window", "window", options.Window);
        table.Add("flows", "flows", options.Flows);
        table.Add("connections", "connections", options.Connections);
        table.Add("echoes", "echoes", echo.Echoes);
        table.Add("sent", "sent, warm-up included", echo.Sent);
        table.Add("lost", "lost", echo.Lost);
        table.Add("late", "late", echo.Late);
        table.Add("duplicates", "duplicates", echo.Duplicates);
        table.Add("corrupt", "corrupt", echo.Corrupt);
        table.Add("sent_by_capsule", "sent as capsules", echo.SentByCapsule);
        table.Add("echoes_by_capsule", "echoes that came as capsules", echo.EchoesByCapsule);
        if (options.RebindEvery > 0)
            table.Add("rebinds", "changes of the UDP port", echo.Rebinds);
        table.Add("wall_seconds", "time", echo.Meter.Seconds, "s", 3);
        table.Add("echoes_per_second", "echoes a second", echo.Echoes / echo.Meter.Seconds, "", 0);
        MeterRows.AddLatency(table, echo.Latency, "latency");
        MeterRows.Add(table, echo.Meter, echo.Echoes, "echo");
        return table;
    }
}
