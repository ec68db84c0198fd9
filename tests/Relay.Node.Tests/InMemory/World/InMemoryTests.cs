namespace Relay.Node.Tests.InMemory.World;

/// <summary>Tests of a node in memory. What they start is closed at a test's end, and the node may keep nothing.</summary>
public abstract class InMemoryTests : IDisposable
{
    private readonly List<Network> _started = [];

    public void Dispose()
    {
        try
        {
            foreach (var network in _started)
                network.CloseAndAssertClean();
        }
        finally
        {
            _started.ForEach(static network => network.Dispose());
            GC.SuppressFinalize(this);
        }
    }

    private protected Network Start(NodeSettings? settings = null, int seed = 1)
    {
        var network = new Network(settings, seed);
        _started.Add(network);
        return network;
    }
}
