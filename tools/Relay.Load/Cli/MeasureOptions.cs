using System.CommandLine;
using System.Net;
using Relay.Load.Targets;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>The options of measured modes: what is observed, and where things run.</summary>
internal sealed class MeasureOptions
{
    private readonly LoadOption<int?> _relayPid = new("--relay-pid",
        "Process of a local relay: report its CPU and its memory.");

    private readonly LoadOption<int?> _clientCpu = new("--client-cpu", "Processor for the client.");

    private readonly LoadOption<int?> _targetCpu = new("--target-cpu", "Processor for the targets.");

    private readonly LoadOption<string?> _target = new("--target",
        "HOST:PORT of a target of 'relay-load targets'; one is started in this process if left out.");

    private readonly Option<IPAddress> _targetAddress = new("--target-address")
    {
        Description = "Local address of the built-in target.",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = result => IPAddress.TryParse(result.Tokens[0].Value, out var address)
            ? address
            : Fail(result, "--target-address is no IP address."),
    };

    private readonly Option<bool> _json = JsonOption();

    public static LoadOption<bool> JsonOption() => new("--json", "Print one JSON object instead of a table.");

    public void AddTo(Command command, bool withTarget = true)
    {
        command.Takes(_relayPid, _clientCpu);
        if (withTarget)
            command.Takes(_targetCpu, _target, _targetAddress);
        command.Takes(_json);
    }

    public int? RelayPid(ParseResult result) => result.GetValue(_relayPid);

    public int? ClientCpu(ParseResult result) => result.GetValue(_clientCpu);

    public bool Json(ParseResult result) => result.GetValue(_json);

    /// <summary>Where a built-in target can be added; null where the command line names another.</summary>
    public TargetSet? CreateTargets(ParseResult result) => result.GetValue(_target) is null
        ? new TargetSet(result.GetRequiredValue(_targetAddress), result.GetValue(_targetCpu)) : null;

    /// <summary>The target that the command line names.</summary>
    public TargetAuthority Target(ParseResult result) => Values.Authority(result.GetRequiredValue(_target)!);

    private static IPAddress? Fail(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return null;
    }
}
