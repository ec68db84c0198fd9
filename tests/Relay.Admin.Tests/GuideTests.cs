using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;
using Relay.Testing.Nodes;

namespace Relay.Admin.Tests;

/// <summary>
/// Every command of docs/admin.md that asks the API, one after the other, by a shell and curl; what stands there for
/// something of the reader's is put in its place.
/// </summary>
[Trait("Needs", "Processes")]
public sealed partial class GuideTests
{
    private const string Documented = "https://admin.example:8480";
    private const string DocumentedSession = "Zk3v0m1T9xq2yD8sWb7c_A";
    private const string DocumentedDrain = "84918269e8e39d28e038";
    private const string DocumentedDevice = "8c1f0d2ab93e4c57";
    private const string DocumentedStore = "3b9f2c10-7d64-4a0e-9c55-1f0e8a6b2d47";
    private const string DocumentedTag = "\"1a21471785b~0.0.65536.0\"";
    private const string DocumentedBlock = "2001:db8:4a:500::/56";

    private readonly Dictionary<string, string> _here = [];

    [Fact]
    public async Task Commands_InTheirOrder_AreAnsweredAsTheGuideSays()
    {
        InstalledProgram.Require("curl", "curl");
        var timings = new FleetTimings
        {
            NodeTimeout = TimeSpan.FromMinutes(10),
            LeaseTime = TimeSpan.FromMinutes(20),
            ReturnTime = TimeSpan.FromMinutes(10),
            LameTime = TimeSpan.Zero,
        };
        var clock = new ShiftedClock();
        await using var fleet = LocalFleetHost.Start(new LocalFleetConfig { Timings = timings }, clock);
        clock.Move(timings.LeaseTime + TimeSpan.FromSeconds(1));
        await using var app = await AdminApp.StartAsync(fleet.Fleet, static config => config with
        {
            Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            Profiles = new() { Relay = RelayAddress.TryParse("relay.example.com", out var relay, out _) ? relay : null },
        });
        using var folder = new ScratchFolder();
        folder.Write("phone-header", "Relay-Authorization: Bearer of-a-phone-0123456789");
        await using var node = new SimulatedNode("edge-1", fleet.Fleet) { Version = "0.1.0", Tunnels = 2 };
        await using var other = new SimulatedNode("edge-2", fleet.Fleet) { Version = "0.1.0", Tunnels = 2 };
        await using var leasing = new SimulatedNode("edge-3", fleet.Fleet) { Pools = ["exit-v6"] };
        _here[Documented] = app.Address.AbsoluteUri.TrimEnd('/');
        await using var bad = new SimulatedNode("edge-9", fleet.Fleet);
        await bad.ReportAsync();
        node.Open(DocumentedSession, "credential:alice", "2001:db8::5");
        await node.ReportAsync();
        await other.ReportAsync();

        using var stop = new CancellationTokenSource();
        var reporting = Task.WhenAll(ReportAsync(node, stop.Token), ReportAsync(other, stop.Token));
        foreach (var (command, expected) in Commands())
        {
            if (command.Contains("/leases", StringComparison.Ordinal) && !_here.ContainsKey(DocumentedBlock))
                await LeaseAsync(app, leasing);
            if (command.Contains(" -N", StringComparison.Ordinal))
                await FollowAsync(app, command, folder);
            else
                await AskAsync(app, command, expected, folder);
        }
        await stop.CancelAsync();
        await reporting;
        Assert.True(new FileInfo(folder.File("relay.mobileconfig")).Length > 0);
    }

    /// <summary>A node's own reports follow each other; the guide's own report is another node's.</summary>
    private static async Task ReportAsync(SimulatedNode node, CancellationToken stop)
    {
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!stop.IsCancellationRequested)
        {
            await node.ReportAsync();
            await pulse.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task LeaseAsync(AdminApp app, SimulatedNode node)
    {
        using var put = await app.Operator.SendJsonAsync(
            HttpMethod.Put, "/v1/prefix-pools/exit-v6", """{"prefix":"2001:db8::/40","blockLength":56}""");
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        await node.ReportUntilAsync(() => Task.FromResult(node.Leases.Count > 0), "a block");
        _here[DocumentedBlock] = node.Leases[0].Prefix.ToString();
    }

    private async Task AskAsync(AdminApp app, string command, string expected, ScratchFolder folder)
    {
        using var shell = Start(app, $"{command} -w '\\n%{{http_code}}'", folder);
        var output = await shell.StandardOutput.ReadToEndAsync();
        var errors = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        var cut = output.LastIndexOf('\n');
        var (answer, status) = (output[..cut], output[(cut + 1)..]);
        var because = $"{command}\n{output}\n{errors}";
        if (Status().Match(expected) is { Success: true } told)
            Assert.True(told.Groups[1].Value == status, because);
        else if (expected.Contains("\"status\":", StringComparison.Ordinal))
            Assert.True(expected.Contains($"\"status\":{status},", StringComparison.Ordinal), because);
        else
            Assert.True(status[0] == '2', because);
        foreach (var name in Fields(expected))
            Assert.True(answer.Contains($"\"{name}\":", StringComparison.Ordinal), $"no '{name}': {because}");
        if (Tag().Match(answer) is { Success: true } tag)
            _here[DocumentedTag] = tag.Groups[1].Value;
        if (command.Contains("/credentials -H", StringComparison.Ordinal))
            _here[DocumentedDevice] = (string)JsonNode.Parse(answer)!["id"]!;
        if (command.EndsWith("/user-store", StringComparison.Ordinal))
            _here[DocumentedStore] = (string)JsonNode.Parse(answer)!["store"]!;
        if (command.Contains("drain", StringComparison.Ordinal) && command.Contains(" -d ", StringComparison.Ordinal)
            && status == "202")
            _here[DocumentedDrain] = (string)JsonNode.Parse(answer[answer.IndexOf('{')..])!["id"]!;
    }

    /// <summary>What streams goes on: it is left once what the guide shows has come.</summary>
    private async Task FollowAsync(AdminApp app, string command, ScratchFolder folder)
    {
        using var shell = Start(app, command, folder);
        try
        {
            Assert.StartsWith("retry:", await shell.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
            using var drain = await app.Operator.PostJsonAsync("/v1/drains", """{"nodes":["edge-1"]}""");
            while (await shell.StandardOutput.ReadLineAsync() is var line && line != "event: drain")
                Assert.NotNull(line);
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }

    private Process Start(AdminApp app, string command, ScratchFolder folder)
    {
        var isReport = command.Contains("/reports", StringComparison.Ordinal);
        var script = $"{Definition("api() ")}\n{Definition("json=")}\n"
            + (isReport ? command.Replace("edge-1", "edge-9", StringComparison.Ordinal) : command);
        foreach (var (there, here) in _here)
            script = script.Replace(there, here, StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/bash", ["-c", script])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        start.Environment["TOKEN"] = app.Tokens[isReport ? "edge-*" : "otto"];
        return Process.Start(start)!;
    }

    private static string Definition(string beginning) =>
        Regex.Match(Guide(), $"`({Regex.Escape(beginning)}[^`]*)`").Groups[1].Value;

    /// <summary>Each command with what the guide shows as its answer.</summary>
    private static IEnumerable<(string Command, string Answer)> Commands()
    {
        foreach (Match block in Block().Matches(Guide()))
        {
            foreach (var part in Regex.Split(block.Value, @"^    \$ ", RegexOptions.Multiline).Skip(1))
            {
                var lines = part.Split('\n');
                // A quote or a backslash carries a command on.
                var length = 1;
                while (string.Join('\n', lines.Take(length)) is var text
                    && (text.EndsWith('\\') || text.Count(static c => c == '\'') % 2 == 1))
                    length++;
                yield return (string.Join('\n', lines.Take(length)), string.Join('\n', lines.Skip(length)));
            }
        }
    }

    /// <summary>The names of an answer's own fields, not of what is within them.</summary>
    private static IEnumerable<string> Fields(string answer)
    {
        var depth = 0;
        foreach (Match part in Part().Matches(answer))
        {
            if (part.Groups[1].Success && depth == 1)
                yield return part.Groups[1].Value;
            depth += part.Value is "{" or "[" ? 1 : part.Value is "}" or "]" ? -1 : 0;
        }
    }

    private static string Guide() => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "admin.md"));

    [GeneratedRegex(@"(?:^(?:    .*)?\n)+", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\s*HTTP/1.1 (\d+)", RegexOptions.Multiline)]
    private static partial Regex Status();

    [GeneratedRegex(@"^ETag: (\S+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Tag();

    [GeneratedRegex("\"(\\w+)\":|\"[^\"]*\"|[{}\\[\\]]")]
    private static partial Regex Part();
}
