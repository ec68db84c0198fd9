using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Node.Hosting;
using Relay.Node.Options;
using Relay.Node.Tests.Identity;
using Relay.Node.Tests.Options;

namespace Relay.Node.Tests.Lifecycle;

public class OpenFilesTests
{
    private readonly RecordingLog _log = new();

    [Fact]
    public void Limits_ThatThereIsRoomFor_StayAsTheyAre()
    {
        var config = Config();
        Assert.Same(config, OpenFiles.Fit(config, 1_048_576, _log));
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(20_000)]
    [InlineData(131_072)]
    public void Limits_ThatOpenFilesCannotHold_AreCapped_WithALine(int files)
    {
        var config = OpenFiles.Fit(Config(), files, _log);
        Assert.InRange(config.MaxTunnels, files / 2, files - Math.Min(256, files / 8) - Math.Min(512, files / 8));
        Assert.Equal(Math.Min(4096, config.MaxTunnels), config.MaxTunnelsPerConnection);
        Assert.Equal(65_536, config.MaxConnections);
        var (level, text) = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith(
            $"--max-tunnels is {config.MaxTunnels}, not 131072: RLIMIT_NOFILE is {files}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Tunnels_ForWhichThereIsNoRoom_KeepTheNodeFromStarting()
    {
        var config = Config("--fleet", "local", "--node-id", "a", "--workers", "4");
        var refusal = Assert.Throws<StartException>(() => OpenFiles.Fit(config, 256, _log));
        Assert.Contains("RLIMIT_NOFILE allows 256 open files", refusal.Message, StringComparison.Ordinal);
    }

    private static NodeConfig Config(params string[] arguments) => new CommandLineRun().Config(arguments);
}
