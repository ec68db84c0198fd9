using Relay.Hosting.Logging;

namespace Relay.Node.Tests.Options;

public class LogOptionsTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public void Absent_TextAndNoAccessLog()
    {
        var config = _run.Config();
        Assert.Equal((LogFormat.Text, null, false), (config.LogFormat, config.AccessLog, config.AccessLogTargets));
    }

    [Fact]
    public void Given_AreTaken()
    {
        var config = _run.With("RELAY_ACCESS_LOG_TARGETS", "true").Config("--log-format", "JSON", "--access-log", "-");
        Assert.Equal((LogFormat.Json, "-", true), (config.LogFormat, config.AccessLog, config.AccessLogTargets));
    }

    [Fact]
    public void Wrong_AreErrors() => _run.Fails(["--log-format", "xml", "--access-log-targets"],
        "--log-format: 'xml' is not one of text, json", "--access-log-targets: of no use without --access-log");
}
