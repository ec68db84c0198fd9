using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Curl;

/// <summary>Which curl it is that the tests run: what they show is shown of these.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("1.1", "7.88", "HTTPS-proxy")]
    [InlineData("2", "8.1", "HTTP2")]
    public async Task Curl_IsOfAVersionThatSpeaksThisToProxies(string http, string least, string feature)
    {
        await using var curl = ChildProcess.Start([CurlProgram.Require(http)[0], "--version"], name: "curl");
        Assert.Equal(0, await curl.WaitForExitAsync(Limits.Exchange));
        var lines = curl.Log.Lines;
        TestContext.Current.TestOutputHelper?.WriteLine($"HTTP/{http}: {lines[0]}");
        var version = Version.Parse(Regex.Match(lines[0], @"^curl (\d+\.\d+\.\d+)").Groups[1].Value);
        Assert.True(version >= Version.Parse(least), lines[0]);
        Assert.Contains(feature, lines.Single(static line => line.StartsWith("Features:", StringComparison.Ordinal)).Split(' '));
        // Debian 12 has a curl of its own, and another of its backports, which may have taken its place.
        if (http == "1.1" && (await File.ReadAllTextAsync("/etc/os-release", TestContext.Current.CancellationToken))
                .Contains("VERSION_CODENAME=bookworm\n", StringComparison.Ordinal))
            Assert.SkipUnless((version.Major, version.Minor) == (7, 88), $"Bookworm's curl is 7.88, this one {version}.");
    }
}
