using Relay.Testing.Network;

namespace Relay.Interop.Tests.Loopback;

/// <summary><c>eng/soak.sh</c> asserts by itself that a relay ends as it began; here it is short.</summary>
public sealed class SoakTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(600, Explicit = true)]
    public async Task Relay_UnderAllKindsOfTunnels_EndsAsItBegan(int seconds)
    {
        _ = InstalledProgram.Require("openssl", "openssl");
        _ = InstalledProgram.Require("curl", "curl");
        _ = InstalledProgram.Require("taskset", "util-linux");
        var environment = new Dictionary<string, string>
        {
            ["BUILT"] = "1",
            ["PORT"] = $"{Ports.FreeUdp()}",
            ["METRICS"] = $"{Ports.FreeTcp()}",
            // bin/Release/net10.0/
            ["CONFIGURATION"] = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        };
        await using var soak = ChildProcess.Start(
            ["/bin/bash", Repository.PathOf("eng/soak.sh"), "--seconds", $"{seconds}"], environment);
        Assert.True(
            await soak.WaitForExitAsync(Limits.Transfer + TimeSpan.FromSeconds(seconds)) == 0, soak.Log.Describe());
        Assert.Single(soak.Log.Lines, static line => line.StartsWith("| lasted |", StringComparison.Ordinal));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', soak.Log.Lines[^3..]));
    }
}
