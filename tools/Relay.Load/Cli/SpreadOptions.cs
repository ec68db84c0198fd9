using System.CommandLine;
using Relay.Load.Client;
using Relay.Native.Linux;

namespace Relay.Load.Cli;

/// <summary>How many tunnels, over how many connections.</summary>
internal sealed class SpreadOptions
{
    private readonly LoadOption<int> _flows = new("--flows", "Tunnels, spread over the connections.", 1);

    private readonly LoadOption<int?> _connections = new("--connections",
        "Connections; 1 if left out, and with --http 1 always one for each tunnel.");

    public Option[] All => [_flows, _connections];

    public (int Flows, int Connections) Read(ParseResult result, ClientConfig config)
    {
        var flows = result.GetValue(_flows);
        var connections = result.GetValue(_connections) ?? (config.ConnectsForEach ? flows : 1);
        if (connections < 1 || flows < connections)
            throw new UsageException("--flows is at least --connections, and that at least 1.");
        if (config.ConnectsForEach && connections != flows)
            throw new UsageException("--connections is --flows with --http 1, where a connection is one tunnel.");
        // Each is an open file, and perhaps another at a target of this process.
        if (config.ConnectsForEach && FileLimits.RaiseOpenFiles() is var limit && limit < (2L * connections) + 64)
            throw new IOException($"{connections} connections need twice as many open files, of which {limit} are allowed.");
        return (flows, connections);
    }
}
