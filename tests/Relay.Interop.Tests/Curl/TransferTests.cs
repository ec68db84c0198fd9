using System.Security.Cryptography;
using Relay.Interop.Tests.Origins;

namespace Relay.Interop.Tests.Curl;

/// <summary>Bytes between curl and a site, by HTTP/1.1 and by HTTP/2: many of them, and by many requests at once.</summary>
public sealed class TransferTests
{
    private const int Many = 200;

    [Theory]
    [InlineData("1.1", 64)]
    [InlineData("2", 64)]
    [InlineData("1.1", 1024, Explicit = true)]
    [InlineData("2", 1024, Explicit = true)]
    public async Task Download_ArrivesWithTheSameHash(string version, int mebibytes)
    {
        var file = new PatternFile((long)mebibytes << 20);
        await using var world = await CurlWorld.StartAsync();
        await using var curl = ChildProcess.Start(
            "bash",
            [
                "-c", """set -o pipefail; "$@" | sha256sum""", "bash",
                .. world.Command(version, $"{world.Site.PlainAddress}/file/{file.Length}"),
            ]);

        Assert.True(await curl.WaitForExitAsync(Limits.Transfer) == 0, curl.Log.Describe());
        Assert.Equal($"{file.Digest()}  -", $"{file.Length} {Assert.Single(curl.Log.Lines)}");
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1", 64)]
    [InlineData("2", 64)]
    [InlineData("1.1", 1024, Explicit = true)]
    [InlineData("2", 1024, Explicit = true)]
    public async Task Upload_ArrivesWithTheSameHash(string version, int mebibytes)
    {
        var file = new PatternFile((long)mebibytes << 20);
        await using var world = await CurlWorld.StartAsync();
        await using var curl = world.Start(version, "--upload-file", "-", $"{world.Site.PlainAddress}/digest");
        await file.WriteAsync(curl.Input.BaseStream, TestContext.Current.CancellationToken);
        curl.Input.Close();

        Assert.True(await curl.WaitForExitAsync(Limits.Transfer) == 0, curl.Log.Describe());
        Assert.Equal(file.Digest(), Assert.Single(curl.Log.Lines));
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task TwoHundredDownloadsAtOnce_EachOnItsOwnConnection_ArriveWithTheSameHashes(string version)
    {
        await using var world = await CurlWorld.StartAsync();
        await DownloadManyAsync(world, version, world.Site.PlainAddress, "--parallel-immediate");
        await world.AssertTunnelsAsync(version, Many);
        await world.Relay.StopAsync();
    }

    /// <summary>The site's own HTTP/2 has many of them in one tunnel: curl asks for a hundred on a connection.</summary>
    [Fact]
    public async Task TwoHundredDownloadsAtOnce_OfFewTunnels_ArriveWithTheSameHashes()
    {
        await using var world = await CurlWorld.StartAsync();
        using var certificate = world.Authority.IssueServer("localhost");
        await using var site = await WebOrigin.StartAsync(null, certificate);
        await DownloadManyAsync(world, "2", site.DirectAddress, "--cacert", world.Trust);
        var tunnels = await world.CountTunnelsAsync("2");
        Assert.InRange(tunnels, 1, Many / 20);
        await world.AssertTunnelsAsync("2", (int)tunnels);
        await world.Relay.StopAsync();
    }

    private static async Task DownloadManyAsync(CurlWorld world, string version, string site, params string[] options)
    {
        const int shortest = 100_001;
        var output = world.Folder.Folder("downloads");
        await world.RunAsync(
            version,
            [
                .. options, "--parallel", "--parallel-max", $"{Many}", "--output", Path.Combine(output, "#1"),
                $"{site}/file/[{shortest}-{shortest + Many - 1}]",
            ]);

        for (var length = shortest; length < shortest + Many; length++)
            Assert.Equal(new PatternFile(length).Digest(), await DigestAsync(Path.Combine(output, $"{length}")));
    }

    private static async Task<string> DigestAsync(string path)
    {
        await using var file = File.OpenRead(path);
        var hash = await SHA256.HashDataAsync(file, TestContext.Current.CancellationToken);
        return $"{file.Length} {Convert.ToHexStringLower(hash)}";
    }
}
