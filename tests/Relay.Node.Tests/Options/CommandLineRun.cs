using System.Text;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

/// <summary>One run of the options, with an environment and files of its own.</summary>
internal sealed class CommandLineRun
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly Dictionary<string, byte[]> _files = new() { ["cert.pem"] = [], ["key.pem"] = [] };
    private readonly Dictionary<string, Exception> _brokenFiles = [];
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    public string Output => _output.ToString();

    public string[] Errors => _error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    public CommandLineRun With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public CommandLineRun WithFile(string path, string content) => WithFile(path, Encoding.UTF8.GetBytes(content));

    public CommandLineRun WithFile(string path, byte[] content)
    {
        _files[path] = content;
        return this;
    }

    public CommandLineRun WithBrokenFile(string path, Exception exception)
    {
        _brokenFiles[path] = exception;
        return this;
    }

    public CommandLineResult Parse(params string[] arguments)
    {
        using var output = new StringWriter(_output);
        using var error = new StringWriter(_error);
        return CommandLine.Parse(arguments, _environment, Open, output, error);
    }

    /// <summary>With what is required.</summary>
    public CommandLineResult ParseMore(params string[] arguments) => Parse(
        ["-a", "[::]:443", "--tls-cert-path", "cert.pem", "--tls-private-key-path", "key.pem", .. arguments]);

    /// <summary>With what is required, and it must succeed.</summary>
    public NodeConfig Config(params string[] arguments) => Config(ParseMore(arguments));

    public NodeConfig Config(CommandLineResult result)
    {
        Assert.Empty(Errors);
        Assert.True(result.TryGetConfig(out var config));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", Output);
        return config;
    }

    /// <summary>With what is required, and it must fail with these lines.</summary>
    public void Fails(string[] arguments, params string[] lines) => Fails(ParseMore(arguments), lines);

    public void Fails(CommandLineResult result, params string[] lines)
    {
        Assert.False(result.TryGetConfig(out _));
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(lines.Select(line => "relay-node: " + line), Errors);
        Assert.Equal("", Output);
    }

    private MemoryStream Open(string path)
    {
        if (_brokenFiles.TryGetValue(path, out var exception))
            throw exception;
        return _files.TryGetValue(path, out byte[]? content)
            ? new MemoryStream(content, writable: false)
            : throw new FileNotFoundException(null, path);
    }
}
