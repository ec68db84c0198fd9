using System.Text;
using Relay.Fuzz.Engine;
using Relay.Hosting.Options;
using Relay.Node.Options;

namespace Relay.Fuzz.Documents;

/// <summary>The file of <c>--config</c>.</summary>
internal sealed class ConfigTarget() : FuzzTarget(
    "a configuration, or status 2 with what is wrong, a line each; read again, it is the same")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. OptionCatalog.All.Select(static option => Encoding.UTF8.GetBytes($"\"{option.Key}\": ")),
        .. "true|1|\"x\"|[]|[\"a\"]|{|}|,|:|-1|99999999999999999999|\"\\ud800\"|null|//|\"127.0.0.1:443\"|\"10.0.0.0/8\"".Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var run = new OptionRun(["--config", "relay.json"], [], input.ToArray());
        var result = run.Examine();
        if (!result.TryGetConfig(out _))
            return;
        var errors = new OptionErrors();
        result.Source!.ReadAgain(input.ToArray(), errors, out var restart);
        Check.Same(0, errors.Lines.Count, "read again without an error");
        Check.Same(0, restart.Count, "nothing differs");
    }
}

/// <summary>Arguments, one a line; a line that begins with <c>RELAY_</c> is a variable of the environment.</summary>
internal sealed class CommandLineTarget() : FuzzTarget(
    "a configuration, or help, or status 2 with what is wrong, a line each")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. OptionCatalog.All.Select(static option => Encoding.UTF8.GetBytes($"\n{option.Name}\n")),
        .. OptionCatalog.All.Select(static option => Encoding.UTF8.GetBytes(
            $"\nRELAY_{option.Key.Replace('-', '_').ToUpperInvariant()}=")),
        .. "\n|=|true|0|-1|127.0.0.1:0|[::1]:443|cert.pem|key.pem|--|@x|10.0.0.0/8|2001:db8::/32|*.example:443".Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var arguments = new List<string>();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(input).Split('\n'))
        {
            if (line.StartsWith("RELAY_", StringComparison.Ordinal) && line.Split('=', 2) is [var name, var value])
                environment[name] = value;
            else
                arguments.Add(line);
        }
        new OptionRun([.. arguments], environment, "{}"u8.ToArray()).Examine();
    }
}

/// <summary>One reading of a node's options, with files in memory.</summary>
internal sealed class OptionRun(string[] arguments, Dictionary<string, string> environment, byte[] file)
{
    /// <summary>Reads them, and checks what is true of every reading.</summary>
    public CommandLineResult Examine()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var result = CommandLine.Parse(arguments, environment, Open, output, error);
        var lines = error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var isToRun = result.TryGetConfig(out _);
        Check.Same(!isToRun && result.ExitCode == CommandLineResult.ConfigurationError, lines.Length > 0, "status 2 says why");
        Check.That(isToRun || result.ExitCode is CommandLineResult.Success or CommandLineResult.ConfigurationError, "a status");
        if (result.ExitCode == CommandLineResult.Success && !isToRun)
            Check.That(output.ToString().Length > 0, "it says what was asked for");
        foreach (var line in lines)
        {
            Check.That(line.StartsWith("relay-node: ", StringComparison.Ordinal), $"the program's name: {line}");
            Check.That(!line.Any(char.IsControl), "no control character");
        }
        return result;
    }

    private MemoryStream Open(string path) => path switch
    {
        "relay.json" => new MemoryStream(file, writable: false),
        "cert.pem" or "key.pem" => new MemoryStream([], writable: false),
        _ => throw new FileNotFoundException(null, path),
    };
}
