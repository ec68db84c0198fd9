using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Relay.Load.Report;
using Relay.Load.Targets;

namespace Relay.Load.Cli;

/// <summary><c>targets</c>.</summary>
internal sealed class TargetsCommand : LoadCommand
{
    private readonly Option<int?> _udpEcho = Port("--udp-echo", "UDP: sends every datagram back.");
    private readonly Option<int?> _udpSource = Port("--udp-source", "UDP: floods who asks for it.");
    private readonly Option<int?> _udpSink = Port("--udp-sink", "UDP: counts.");
    private readonly Option<int?> _tcpEcho = Port("--tcp-echo", "TCP: sends back what it receives.");
    private readonly Option<int?> _tcpSource = Port("--tcp-source", "TCP: sends a known stream and its digest.");
    private readonly Option<int?> _tcpSink = Port("--tcp-sink", "TCP: takes a stream and answers with its digest.");
    private readonly LoadOption<int?> _cpu = new("--target-cpu", "Processor for the targets' thread.");
    private readonly Option<bool> _json = MeasureOptions.JsonOption();
    private readonly LoadOption<string> _address = new("--address", "Local address.", "127.0.0.1");

    public TargetsCommand() : base(
        "targets",
        "Runs the built-in targets alone, until a signal ends it; all of them on free ports if none is named.",
        "mode, udp_echo, udp_source, udp_sink, tcp_echo, tcp_source, tcp_sink, each "
        + "an address and port.") => this.Takes(
            _udpEcho, _udpSource, _udpSink, _tcpEcho, _tcpSource, _tcpSink, _address, _cpu, _json);

    protected override int Run(ParseResult result)
    {
        Require(IPAddress.TryParse(result.GetValue(_address), out var address), "--address is no IP address.");
        using var targets = new TargetSet(address!, result.GetValue(_cpu));
        var table = new ResultTable(Name);
        (string Key, string Label, Option<int?> Option, Func<int, IPEndPoint> Add)[] all =
        [
            ("udp_echo", "UDP echo", _udpEcho, port => targets.AddUdpEcho(port).LocalEndPoint),
            ("udp_source", "UDP source", _udpSource, port => targets.AddUdpSource(port).LocalEndPoint),
            ("udp_sink", "UDP sink", _udpSink, port => targets.AddUdpSink(port).LocalEndPoint),
            ("tcp_echo", "TCP echo", _tcpEcho, port => targets.AddTcpEcho(port).LocalEndPoint),
            ("tcp_source", "TCP source", _tcpSource, port => targets.AddTcpSource(port).LocalEndPoint),
            ("tcp_sink", "TCP sink", _tcpSink, port => targets.AddTcpSink(port).LocalEndPoint),
        ];
        var none = all.All(target => result.GetValue(target.Option) is null);
        foreach (var (key, label, option, add) in all)
        {
            if ((result.GetValue(option) ?? (none ? 0 : null)) is { } port)
                table.Add(key, label, add(port).ToString());
        }
        targets.Start();
        ResultWriter.Write(table, result.GetValue(_json));

        using var ended = new ManualResetEventSlim();
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Set();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        ended.Wait();
        return ExitStatus.Ok;
    }

    private static Option<int?> Port(string name, string description) =>
        new(name) { Description = $"{description} A port, 0 for a free one." };
}
