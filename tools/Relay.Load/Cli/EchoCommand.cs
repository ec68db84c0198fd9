using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Report;
using Relay.Load.Targets;
using Relay.Load.Workloads;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary><c>echo</c>.</summary>
internal sealed class EchoCommand : DatagramCommand<EchoWorkload>
{
    private readonly LoadOption<int> _window = new("--window", "Datagrams outstanding in each flow.", 64);
    private readonly LoadOption<double> _timeout = new("--timeout", "Seconds after which a datagram is lost.", 1);

    private readonly LoadOption<long> _rebind = new("--rebind-every",
        "Move to another UDP port after so many echoes, as a NAT does; 0 for never. With HTTP/3 alone.", 0);

    private readonly LoadOption<bool> _failOnLoss = new("--fail-on-loss", "Exit with 1 if a datagram is lost.");
    private bool _mayLose;

    public EchoCommand() : base(
        "echo",
        "Keeps a window of datagrams in flight to a UDP echo target and verifies every echo.",
        "carrier, size, window, flows, connections, echoes, sent, lost, late, duplicates, corrupt, "
        + "sent_by_capsule, echoes_by_capsule, rebinds (with --rebind-every), echoes_per_second, "
        + "latency_{p50,p90,p99,p999,max,mean}_us, " + MeterRows.KeysOf("echo")) =>
        TakesDatagrams(_window, _timeout, _rebind, _failOnLoss);

    protected override EchoWorkload Create(ParseResult result, ClientConfig config, TargetSet? targets, RunMeter meter)
    {
        _mayLose = !result.GetValue(_failOnLoss);
        var echo = new EchoOptions
        {
            Window = result.GetValue(_window),
            LossTimeout = TimeSpan.FromSeconds(result.GetValue(_timeout)),
            RebindEvery = result.GetValue(_rebind),
        };
        Require(echo.Window is >= 1 and <= 1 << 20, "--window is 1 to 1048576.");
        Require(
            echo.RebindEvery == 0 || config.Protocol == HttpProtocol.Http3,
            "--rebind-every is of QUIC: a connection of TCP does not move.");
        Require(echo.LossTimeout > TimeSpan.Zero, "--timeout is above 0.");
        return new EchoWorkload(
            Read(result, config, targets, static added => added.AddUdpEcho(0).LocalEndPoint), echo, meter);
    }

    protected override bool Describe(ResultTable table, EchoWorkload echo, RunMeter meter, ClientConfig config)
    {
        AddHead(table, config, echo.Options, echo.Echo.Window);
        table.Add("echoes", "echoes", echo.Echoes);
        table.Add("sent", "sent, warm-up included", echo.Sent);
        table.Add("lost", "lost", echo.Lost);
        table.Add("late", "late", echo.Late);
        table.Add("duplicates", "duplicates", echo.Duplicates);
        table.Add("corrupt", "corrupt", echo.Corrupt);
        table.Add("sent_by_capsule", "sent as capsules", echo.SentByCapsule);
        table.Add("echoes_by_capsule", "echoes that came as capsules", echo.EchoesByCapsule);
        if (echo.Echo.RebindEvery > 0)
            table.Add("rebinds", "changes of the UDP port", echo.Rebinds);
        table.Add("wall_seconds", "time", meter.Seconds, "s", 3);
        table.Add("echoes_per_second", "echoes a second", echo.Echoes / meter.Seconds, "", 0);
        MeterRows.AddLatency(table, echo.Latency, "latency");
        MeterRows.Add(table, meter, echo.Echoes, "echo");
        return echo.Corrupt == 0 && (echo.Lost == 0 || _mayLose);
    }
}
