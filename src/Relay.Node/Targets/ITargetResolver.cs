using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>Resolves the names of targets, off the event loops.</summary>
internal interface ITargetResolver
{
    /// <summary>
    /// Resolves a name in one family. Returns at once, whatever the state of the network; safe from any thread.
    /// </summary>
    /// <param name="host">A name, never an address literal; case does not matter.</param>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="source">Who asks, as limits by source count them: each has a share of the lookups.</param>
    /// <param name="cancellationToken">Ends this wait; a lookup that is under way carries on for others.</param>
    /// <returns>The outcome; a failure is a <see cref="ResolveStatus"/>, never an exception. Continuations run on a
    /// thread of the pool, so an event loop posts the result to itself.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    ValueTask<ResolveResult> ResolveAsync(
        string host, AddressFamily family, ulong source, CancellationToken cancellationToken);
}
