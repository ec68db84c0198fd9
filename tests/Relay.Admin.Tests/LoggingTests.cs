using Microsoft.Extensions.Logging;
using Relay.Hosting.Logging;

namespace Relay.Admin.Tests;

/// <summary>What of the libraries' own messages the program's log has.</summary>
public class LoggingTests
{
    [Theory]
    [InlineData(LogLevel.Debug, LogLevel.Warning)]
    [InlineData(LogLevel.Information, LogLevel.Warning)]
    [InlineData(LogLevel.Error, LogLevel.Error)]
    public void Polly_AnyLevel_TellsOfWhatGoesWrongAlone(LogLevel level, LogLevel least)
    {
        using var logs = ProgramLogging.Create(level, LogFormat.Text);
        var polly = logs.CreateLogger("Polly");
        Assert.True(polly.IsEnabled(least));
        Assert.False(polly.IsEnabled(least - 1));
        Assert.True(logs.CreateLogger("relay-admin").IsEnabled(level));
    }
}
