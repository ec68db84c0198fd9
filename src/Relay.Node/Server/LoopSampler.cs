using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>
/// Once a second notes how busy the loop is, and looks at some of its connections, in turn, for their round-trip time,
/// their window and what they lost: connections may live for days, and their end is too late to hear of them.
/// </summary>
/// <param name="loop">The loop.</param>
/// <param name="connections">Its open connections.</param>
internal sealed class LoopSampler(ILoop loop, ConnectionList connections) : LoopTimer
{
    /// <summary>Nanoseconds between two looks.</summary>
    internal const ulong Interval = 1_000_000_000;

    /// <summary>
    /// Connections of each look: all of a few, a tenth of many, and never so many that packets would wait.
    /// </summary>
    private const int Fewest = 64;
    private const int Most = 1024;

    private int _next;

    /// <inheritdoc/>
    public override ITurnOwner? Owner => null;

    /// <summary>Begins. Before the loop turns, or on it.</summary>
    internal void Start() => loop.Timers.Set(this, loop.Now + Interval);

    internal override void Fire()
    {
        // Whatever this look meets, the next one comes.
        Start();
        loop.Counters.Usage.Sample();
        var count = Math.Min(connections.Count, Math.Clamp(connections.Count / 10, Fewest, Most));
        for (; count > 0; count--)
        {
            _next = _next + 1 < connections.Count ? _next + 1 : 0;
            var connection = connections[_next];
            try
            {
                connection.Carrier.Sample();
            }
            catch (Exception e)
            {
                connection.OnDefect(e);
            }
        }
    }
}
