using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Commands;

namespace Relay.Ctl;

/// <summary>The program, apart from its process.</summary>
internal static class CtlProgram
{
    private const string Summary = """
        The admin API of a RelayFleet from the terminal: nodes, drains, sessions, prefix pools, users, limits, statistics, events.

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
            // The parser says the same of each of two arguments that are alike.
            foreach (var message in result.Errors.Select(static error => error.Message).Distinct())
                environment.Error.WriteLine($"relayctl: {Output.SafeText.Of(message)}");
            environment.Error.WriteLine("Try 'relayctl --help'.");
            return ExitStatus.Usage;
        }
        return await result.InvokeAsync(
            new InvocationConfiguration { Output = environment.Output, Error = environment.Error }, cancellation)
            .ConfigureAwait(false);
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root(CtlEnvironment environment)
    {
        var context = new CtlContext(environment, new ServerOptions(environment));
        var root = new RootCommand(Summary);
        context.Server.AddTo(root);
        root.Takes(
            new FleetCommand(context), new NodesCommand(context), new NodeCommand(context), new DrainCommand(context),
            new UndrainCommand(context), new DrainsCommand(context), new SessionsCommand(context),
            new PoolsCommand(context), new UsersCommand(context), new LimitsCommand(context), new StatsCommand(context),
            new EventsCommand(context), new HistoryCommand(context), new ProfileCommand(context), new HealthCommand(context),
            new CompletionCommand(environment));
        return root;
    }
}
