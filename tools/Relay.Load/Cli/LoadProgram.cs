using System.CommandLine;

namespace Relay.Load.Cli;

/// <summary>The program, apart from its process.</summary>
internal static class LoadProgram
{
    private const string Summary = """
        A client, probe and load generator for relays of TCP (CONNECT) and UDP (CONNECT-UDP, RFC 9298) over HTTP/3, HTTP/2 and HTTP/1.1.

        Exit status: 0 done, 1 something failed, was refused or did not verify, 2 the command line is wrong.
        """;

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit status.</returns>
    public static int Run(string[] arguments)
    {
        var root = Root();
        foreach (var command in root.Subcommands.OfType<LoadCommand>().Where(command => arguments.Contains(command.Name)))
            command.DescribeKeys();
        var result = root.Parse(arguments);
        if (result.Errors.Count > 0)
        {
            // Messages quote what was given; the parser says the same of each of two arguments that are alike.
            foreach (var message in result.Errors.Select(static error => error.Message).Distinct())
                Console.Error.WriteLine($"relay-load: {string.Concat(message.Select(static c => char.IsControl(c) ? '?' : c))}");
            Console.Error.WriteLine("Try 'relay-load --help'.");
            return ExitStatus.Usage;
        }
        return result.Invoke();
    }

    /// <summary>All commands.</summary>
    public static RootCommand Root() => new(Summary)
    {
        new TcpCommand(), new UdpCommand(), new ProbeCommand(), new EchoCommand(), new FloodUpCommand(), new FloodDownCommand(),
        new TransferCommand(upward: false), new TransferCommand(upward: true), new HandshakesCommand(), new IdleCommand(),
        new TargetsCommand(),
    };
}
