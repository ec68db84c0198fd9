using Relay.Node.Io;

namespace Relay.Node.Tunnels;

/// <summary>
/// The tunnels of one loop: hears of each one's end, and keeps those that go on without their client's stream until what
/// that had sent is delivered.
/// </summary>
/// <param name="loop">The loop.</param>
/// <param name="onEnded">Called on the loop for each tunnel's end.</param>
internal sealed class LoopTunnels(ILoop loop, Action<Tunnel> onEnded)
{
    private readonly HashSet<Tunnel> _detached = [];

    /// <summary>Timers, clock, counters.</summary>
    internal ILoop Loop => loop;

    /// <summary>What each source may send to UDP targets that have not answered; the node's.</summary>
    internal required UnansweredTargets Unanswered { get; init; }

    /// <summary>Tunnels without their client's stream.</summary>
    internal IReadOnlyCollection<Tunnel> Detached => _detached;

    /// <summary>A tunnel begins.</summary>
    internal static void OnStarted(Tunnel tunnel)
    {
        tunnel.Counters.Started++;
        tunnel.Counters.Active++;
    }

    /// <summary>A tunnel goes on without its client's stream.</summary>
    internal void OnDetached(Tunnel tunnel) => _detached.Add(tunnel);

    internal void OnEnded(Tunnel tunnel)
    {
        _detached.Remove(tunnel);
        onEnded(tunnel);
    }

    /// <summary>Ends some of the tunnels without their client's stream. Needs no memory of its own.</summary>
    /// <param name="of">What <paramref name="which"/> is given beside.</param>
    /// <param name="which">Says of each whether it is to end.</param>
    internal void ForceCloseDetached<T>(T of, Func<Tunnel, T, bool> which)
    {
        // What may be removed meanwhile is what it is at.
        foreach (var tunnel in _detached)
        {
            try
            {
                if (which(tunnel, of))
                    tunnel.ForceClose();
            }
            catch (Exception e)
            {
                tunnel.OnDefect(e);
            }
        }
    }
}
