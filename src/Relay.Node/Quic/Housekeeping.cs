using Relay.Native.Linux;

namespace Relay.Node.Quic;

/// <summary>
/// Gives memory back after a rush of connections is over, and follows the machine's addresses. Looks every few seconds,
/// off the loops, and gives back only when the connections have fallen to less than half of what they were.
/// </summary>
internal sealed class Housekeeping : IDisposable
{
    /// <summary>Fewer connections than this are not worth a collection: about 16 MiB.</summary>
    private const long Worthwhile = 256;

    /// <summary>Looks from one list of the machine's addresses to the next.</summary>
    private const int LooksPerRefresh = 6;

    private readonly RelayServer _server;
    private readonly Timer _timer;
    private long _highest;
    private int _looks;

    internal Housekeeping(RelayServer server, TimeSpan interval)
    {
        _server = server;
        _timer = new Timer(static state => ((Housekeeping)state!).Look(), this, interval, interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (++_looks % LooksPerRefresh == 0)
            _server.Policy.Refresh();
        var connections = _server.Load.Connections;
        _highest = Math.Max(_highest, connections);
        if (_highest < Worthwhile || connections > _highest / 2)
            return;
        _highest = connections;
        _server.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _ = ProcessMemory.Trim();
    }
}
