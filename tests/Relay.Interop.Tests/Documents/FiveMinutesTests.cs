using System.Text.RegularExpressions;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Documents;

/// <summary>
/// README's relay for oneself: the options that the package has, changed by its command, and the commands for the user as they stand, in a
/// network of its own where its ports are free and its name is localhost; then the page, as a browser has it, and curl by what the page shows.
/// </summary>
public sealed partial class FiveMinutesTests
{
    [Fact]
    public async Task Commands_OfTheReadme_MakeARelay_AndAUserWhoGetsThrough()
    {
        InstalledProgram.Require("curl", "curl");
        await using var network = await NetworkNamespace.CreateAsync();
        using var folder = new ReadersFolder();
        var commands = DocumentedCommand.All().Where(static command => command.Document == "README.md").ToList();
        var edit = commands.Single(static command => CommandClaims.Of(command)?.Test == nameof(FiveMinutesTests)).Text;
        var options = folder.PathOf("relay-node.json");
        folder.Write("relay-node.json", Repository.Read("deploy/package/etc/relay-node/relay-node.json"));
        await folder.RunAsync(edit.Replace("/etc/relay-node/relay-node.json", options, StringComparison.Ordinal), network);
        folder.Write("relay-node.json", File.ReadAllText(options)
            .Replace("relay.example.com", "localhost", StringComparison.Ordinal)
            .Replace("/etc/relay-node/fullchain.pem", folder.PathOf("cert.pem"), StringComparison.Ordinal)
            .Replace("/etc/relay-node/privkey.pem", folder.PathOf("key.pem"), StringComparison.Ordinal)
            .Replace("/var/lib/relay-node", folder.PathOf("state"), StringComparison.Ordinal));
        await folder.RunAsync($"mkdir -m 700 '{folder.PathOf("state")}'", network);
        // What is fetched here is on loopback, where a relay leads nobody by itself.
        await using var node = folder.Start($"exec relay-node --config {options} --allow-target 127.0.0.0/8", network);
        await node.Log.WaitForAsync("enrolments are served on https://0.0.0.0:8443, as https://localhost:8443", Limits.Start);
        await node.Log.WaitForAsync("listening on 0.0.0.0:443", Limits.Start);
        await using var site = folder.Start("exec relay-admin --admin-address 127.0.0.1:9000", network);
        await site.Log.WaitForAsync("listening on", Limits.Start);

        foreach (var command in commands.Where(static command => command.Text.StartsWith("relayctl users ", StringComparison.Ordinal)
            && !command.Text.Contains("enrol", StringComparison.Ordinal) && !command.Text.Contains("revoke", StringComparison.Ordinal)))
            await folder.RunAsync(command.Text, network);
        var enrol = commands.Single(static command => command.Text.StartsWith("relayctl users enrol ", StringComparison.Ordinal)).Text;
        var url = Link().Match(await folder.RunAsync(enrol, network)).Value;
        await folder.RunAsync($"curl -sSf --cacert ca.pem '{url}' | grep -q 'Set up this device'", network);
        var page = await folder.RunAsync($"curl -sSf --cacert ca.pem -X POST '{url}'", network);
        var recipe = WebUtility.HtmlDecode(Recipe().Match(page).Groups[1].Value);
        folder.Write("relay.curlrc", $"{recipe}\nproxy-cacert = ca.pem\n");

        // A node has its users with the next report or the one after it.
        const string Fetch = "curl -sS --config relay.curlrc -o /dev/null -w '%{http_code}' http://127.0.0.1:9000/livez";
        await Eventually.HoldsAsync("alice gets through", async () =>
        {
            await using var curl = folder.Start(Fetch, network);
            return await curl.WaitForExitAsync(Limits.Exchange) == 0;
        }, static isThrough => isThrough);
        await using (var stranger = folder.Start(
            "curl -sS --proxy https://localhost:443 --proxytunnel --proxy-cacert ca.pem http://127.0.0.1:9000/livez", network))
            Assert.NotEqual(0, await stranger.WaitForExitAsync(Limits.Exchange));
        await folder.RunAsync("relayctl users revoke alice", network);
        await Eventually.HoldsAsync("alice gets through no more", async () =>
        {
            await using var curl = folder.Start(Fetch, network);
            return await curl.WaitForExitAsync(Limits.Exchange);
        }, static status => status != 0);
        // Neither the link's token nor the secret is in what the node has written, nor in what every user of the machine sees.
        var secret = Secret().Match(recipe).Groups[1].Value;
        Assert.Equal(43, secret.Length);
        var processes = await folder.RunAsync("cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' || true", network);
        Assert.Contains("--allow-target", processes, StringComparison.Ordinal);
        Assert.DoesNotContain(node.Log.Lines.Append(processes), line =>
            line.Contains(secret, StringComparison.Ordinal) || line.Contains(url[(url.LastIndexOf('/') + 1)..], StringComparison.Ordinal));
    }

    [GeneratedRegex("https://localhost:8443/enroll/[A-Za-z0-9_-]{43}")]
    private static partial Regex Link();

    [GeneratedRegex("<pre>(# curl[^<]*)</pre>")]
    private static partial Regex Recipe();

    [GeneratedRegex("Bearer ([A-Za-z0-9_-]+)")]
    private static partial Regex Secret();
}
