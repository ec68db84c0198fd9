using System.CommandLine;
using System.Net;
using Relay.Load.Client;
using Relay.Load.Forward;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>What <c>tcp</c> and <c>udp</c> share: a target, and perhaps a local port.</summary>
internal abstract class ForwardCommand : LoadCommand
{
    private readonly RelayOptions _relay = new();
    private readonly Argument<string> _target = new("target") { Description = "HOST:PORT, resolved by the relay." };
    private readonly LoadOption<string?> _listen = new("--listen",
        "Forward a local port: ADDR:PORT, or a port of the loopback.")
    {
        Aliases = { "-l" },
    };

    protected ForwardCommand(string name, string summary) : base(name, summary, "")
    {
        Arguments.Add(_target);
        _relay.AddTo(this);
        Options.Add(_listen);
    }

    protected abstract Workload Create(ParseResult result, TargetAuthority target, IPEndPoint? listen);

    protected sealed override int Run(ParseResult result)
    {
        var target = Values.Authority(result.GetRequiredValue(_target));
        var listen = result.GetValue(_listen) is { } text ? Values.EndPoint(text) : null;
        var workload = Create(result, target, listen);
        using var _ = workload as IDisposable;
        WorkloadRunner.Run(_relay.Read(result), workload, cpu: null, progress: listen is not null);
        if (workload.Failure is null)
            return ExitStatus.Ok;
        Console.Error.WriteLine($"relay-load: {workload.Failure}");
        return ExitStatus.Failed;
    }
}

/// <summary><c>tcp</c>.</summary>
internal sealed class TcpCommand() : ForwardCommand(
    "tcp", "Joins standard input and output, or a local TCP port, to a target by CONNECT.")
{
    protected override Workload Create(ParseResult result, TargetAuthority target, IPEndPoint? listen) =>
        listen is null ? new TcpConsoleWorkload(target) : new TcpPortWorkload(target, listen);
}

/// <summary><c>udp</c>.</summary>
internal sealed class UdpCommand : ForwardCommand
{
    private readonly LoadOption<double> _wait = new("--wait", "Seconds to wait for answers after the end of the input.", 1);

    private readonly LoadOption<double> _idle = new("--idle",
        "With --listen, seconds after which an unused tunnel ends.", 120);

    public UdpCommand() : base(
        "udp", "Joins a local UDP port to a target by CONNECT-UDP; without one, each line of input is a datagram.") =>
        this.Takes(_wait, _idle);

    protected override Workload Create(ParseResult result, TargetAuthority target, IPEndPoint? listen) => listen is null
        ? new UdpLineWorkload(target, TimeSpan.FromSeconds(result.GetValue(_wait)))
        : new UdpPortWorkload(target, listen, TimeSpan.FromSeconds(result.GetValue(_idle)));
}
