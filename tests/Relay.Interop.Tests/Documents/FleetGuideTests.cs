using Relay.Testing.Network;

namespace Relay.Interop.Tests.Documents;

/// <summary>docs/fleet.md: a fleet on one machine, in two commands, in a network of its own.</summary>
public sealed class FleetGuideTests
{
    [Theory]
    [InlineData("In memory, without Redis:", 1)]
    [InlineData("With Redis and three coordinators", 3)]
    public async Task Commands_OfTheGuide_MakeAFleetOfThreeNodes(string heading, int coordinators)
    {
        if (coordinators > 1)
            InstalledProgram.Require("redis-server", "redis-server");
        var text = Repository.Read("docs/fleet.md");
        var line = text[..text.IndexOf(heading, StringComparison.Ordinal)].Count(static c => c == '\n');
        var commands = DocumentedCommand.All()
            .Where(static command => CommandClaims.Of(command)?.Test == nameof(FleetGuideTests))
            .Where(command => command.Line > line).Take(2).Select(static command => command.Text).ToList();
        await using var network = await NetworkNamespace.CreateAsync();
        using var folder = new ReadersFolder();
        // As ./run.sh leaves it.
        var here = $"""
            mkdir -p artifacts/dev && cp cert.pem key.pem artifacts/dev
            node='{Path.Combine(AppContext.BaseDirectory, "relay-node.dll")}' admin='{Path.Combine(AppContext.BaseDirectory, "relay-admin.dll")}'

            """;
        await using var fleet = folder.Start($"{here}{string.Join('\n', commands)}\nwait", network);
        for (var i = 0; i < coordinators; i++)
        {
            while (await NodesAsync(folder, network, 8480 + i) is var nodes && nodes != 3)
                Assert.False(fleet.HasExited, fleet.Log.Describe());
        }
    }

    /// <summary>The nodes that serve, as relayctl says; 0 where nobody answers yet.</summary>
    private static async Task<int> NodesAsync(ReadersFolder folder, NetworkNamespace network, int port)
    {
        await using var relayctl = folder.Start($"relayctl --server http://127.0.0.1:{port} nodes", network);
        await relayctl.WaitForExitAsync(Limits.Transfer);
        return relayctl.Log.Lines.Count(static line => line.Contains("node-", StringComparison.Ordinal)
            && line.Contains("serving", StringComparison.OrdinalIgnoreCase));
    }
}
