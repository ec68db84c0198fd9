using System.CommandLine;

namespace Relay.Load.Cli;

/// <summary>How many tunnels, over how many connections.</summary>
internal sealed class SpreadOptions
{
    private readonly LoadOption<int> _flows = new("--flows", "Tunnels, spread over the connections.", 1);
    private readonly LoadOption<int> _connections = new("--connections", "QUIC connections.", 1);

    public void AddTo(Command command) => command.Takes(_flows, _connections);

    public (int Flows, int Connections) Read(ParseResult result)
    {
        var (flows, connections) = (result.GetValue(_flows), result.GetValue(_connections));
        return connections >= 1 && flows >= connections
            ? (flows, connections)
            : throw new UsageException("--flows is at least --connections, and that at least 1.");
    }
}
