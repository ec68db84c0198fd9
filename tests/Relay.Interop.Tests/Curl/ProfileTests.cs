using System.Security.Cryptography;
using System.Text;
using Relay.Fleet.Local;
using Relay.Testing.Admin;

namespace Relay.Interop.Tests.Curl;

/// <summary>curl by what <c>relayctl profile curl</c> writes.</summary>
public sealed class ProfileTests
{
    private const string Token = "0123456789abcdefghijklmnop";

    [Theory]
    [InlineData(Token)]
    [InlineData("another-token-of-somebody-else")]
    public async Task Curl_WithItsProfile_IsWhoTheTokenSays(string token)
    {
        await using var world = await CurlWorld.StartAsync(world =>
        [
            "--auth-bearer-file", world.Folder.Write("bearer", $"phone:sha256${Hash(Token)}\n"),
        ]);
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig());
        await using var admin = await AdminApp.StartAsync(fleet.Fleet);
        var profile = world.Folder.File("relay.curlrc");
        await using (var relayctl = OwnProgram.Start("relayctl",
            "profile", "curl", "--server", admin.Address.AbsoluteUri, "--token-file", world.Folder.Write("vera", admin.Tokens["vera"]),
            "--relay", $"127.0.0.1:{world.Relay.Port}", "--relay-ca", world.Trust,
            "--authorization-file", world.Folder.Write("token", token), "--output", profile))
            Assert.True(await relayctl.WaitForExitAsync(Limits.Start) == 0, relayctl.Log.Describe());

        await using var curl = ChildProcess.Start(
            InstalledProgram.Require("curl", "curl"),
            ["--silent", "--show-error", "--config", profile, $"{world.Site.PlainAddress}/"], name: "curl");
        var status = await curl.WaitForExitAsync(Limits.Exchange);

        Assert.True((status == 0) == (token == Token), curl.Log.Describe());
        if (token == Token)
            await world.Relay.Log.WaitForAsync(@" identity=credential:phone\b", Limits.Exchange);
        else
            Assert.Contains("407", curl.Log.Describe(), StringComparison.Ordinal);
        await world.Relay.StopAsync();
    }

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
}
