using System.CommandLine;
using Relay.Load.Cli;

var root = new RootCommand(
    "A client, probe and load generator for relays of TCP (CONNECT) and UDP (CONNECT-UDP, RFC 9298) over HTTP/3, HTTP/2 "
    + "and HTTP/1.1.\n\n"
    + "Exit status: 0 done, 1 something failed, was refused or did not verify, 2 the command line is wrong.");
root.Subcommands.Add(new TcpCommand());
root.Subcommands.Add(new UdpCommand());
root.Subcommands.Add(new ProbeCommand());
root.Subcommands.Add(new EchoCommand());
root.Subcommands.Add(new FloodUpCommand());
root.Subcommands.Add(new FloodDownCommand());
root.Subcommands.Add(new TransferCommand(upward: false));
root.Subcommands.Add(new TransferCommand(upward: true));
root.Subcommands.Add(new HandshakesCommand());
root.Subcommands.Add(new IdleCommand());
root.Subcommands.Add(new TargetsCommand());

foreach (var command in root.Subcommands.OfType<LoadCommand>().Where(command => args.Contains(command.Name)))
    command.DescribeKeys();

var result = root.Parse(args);
if (result.Errors.Count > 0)
{
    // Messages quote what was given; the parser says the same of each of two arguments that are alike.
    foreach (var message in result.Errors.Select(static error => error.Message).Distinct())
        Console.Error.WriteLine($"relay-load: {string.Concat(message.Select(static c => char.IsControl(c) ? '?' : c))}");
    Console.Error.WriteLine("Try 'relay-load --help'.");
    return ExitStatus.Usage;
}
return result.Invoke();
