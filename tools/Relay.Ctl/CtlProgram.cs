using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Commands;

namespace Relay.Ctl;

/// <summary>The program, apart from its process.</summary>
internal static class CtlProgram
{
    private const string Summary = """
        The admin API of a RelayFleet from the terminal: nodes, drains, sessions, prefix pools, limits, statistics, events.

        Exit status: 0 done; 1 refused or failed; 2 the command line is wrong; 3 no coordinator answered; 4 a drain that was
        watched ended with tunnels ended by force or lost.
        """;

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit status.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, CtlEnvironment environment, CancellationToken cancellation)
    {
        var result = Root(environment).Parse(arguments);
        if (result.Errors.Count > 0)
        {
            foreach (var error in result.Errors)
                environment.Error.WriteLine($"relayctl: {Output.SafeText.Of(error.Message)}");
            environment.Error.WriteLine("Try 'relayctl --help'.");
            return ExitStatus.Usage;
        }
        return await result.InvokeAsync(
            new InvocationConfiguration { Output = environment.Output, Error = environment.Error }, cancellation)
            .ConfigureAwait(false);
    }

    private static RootCommand Root(CtlEnvironment environment)
    {
        var context = new CtlContext(environment, new ServerOptions(environment));
        var root = new RootCommand(Summary);
        context.Server.AddTo(root);
        root.Subcommands.Add(new FleetCommand(context));
        root.Subcommands.Add(new NodesCommand(context));
        root.Subcommands.Add(new NodeCommand(context));
        root.Subcommands.Add(new DrainCommand(context));
        root.Subcommands.Add(new UndrainCommand(context));
        root.Subcommands.Add(new DrainsCommand(context));
        root.Subcommands.Add(new SessionsCommand(context));
        root.Subcommands.Add(new PoolsCommand(context));
        root.Subcommands.Add(new LimitsCommand(context));
        root.Subcommands.Add(new StatsCommand(context));
        root.Subcommands.Add(new EventsCommand(context));
        root.Subcommands.Add(new ProfileCommand(context));
        root.Subcommands.Add(new HealthCommand(context));
        root.Subcommands.Add(new CompletionCommand(environment));
        return root;
    }
}
