using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary>The options of a drain: how, until when, why.</summary>
internal sealed class DrainOptions
{
    private readonly CtlOption<string?> _deadline = new("--deadline",
        "How long open tunnels of a node may run: 90s, 5m, 1h30m, at most 24h; 5m if left out.", "TIME");

    private readonly CtlOption<bool> _immediate = new("--immediate",
        "Refuse new tunnels at once, without waiting for load balancers to notice.");

    private readonly CtlOption<string?> _reason = new("--reason", "Why, for logs and for who looks at the drain.", "TEXT");

    private readonly CtlOption<string?> _lost = new("--drain-lost",
        "What a node that is lost in its turn does to the next: they continue after the node timeout, or wait "
            + "for it for five minutes; continue if left out.", "continue|wait");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command) => command.Takes(_deadline, _immediate, _reason, _lost);

    /// <summary>What was given.</summary>
    public DrainNodeBody Read(ParseResult result)
    {
        var how = new DrainNodeBody
        {
            Mode = result.GetValue(_immediate) ? DrainMode.Immediate : DrainMode.Gradual,
            Reason = result.GetValue(_reason) ?? "",
            OnLostNode = Values.OnLostNode("--drain-lost", result.GetValue(_lost)),
        };
        return result.GetValue(_deadline) is { } text
            ? how with { DeadlineSeconds = Values.Seconds("--deadline", text) } : how;
    }
}
