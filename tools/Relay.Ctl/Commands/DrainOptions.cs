using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary>The options of a drain: how, until when, why.</summary>
internal sealed class DrainOptions
{
    private readonly Option<string?> _deadline = new("--deadline")
    {
        Description = "How long open tunnels of a node may run: 90s, 5m, 1h30m, at most 24h; 5m if left out.",
        HelpName = "TIME",
    };

    private readonly Option<bool> _immediate = new("--immediate")
    {
        Description = "Refuse new tunnels at once, without waiting for load balancers to notice.",
    };

    private readonly Option<string?> _reason = new("--reason")
    {
        Description = "Why, for logs and for who looks at the drain.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _lost = new("--drain-lost")
    {
        Description = "What a node that is lost in its turn does to the next: they continue after the node timeout, or wait "
            + "for it for five minutes; continue if left out.",
        HelpName = "continue|wait",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_deadline);
        command.Options.Add(_immediate);
        command.Options.Add(_reason);
        command.Options.Add(_lost);
    }

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
