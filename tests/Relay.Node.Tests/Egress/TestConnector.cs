using System.Net.Sockets;
using Relay.Node.Egress;
using Relay.Node.Io;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Egress;

/// <summary>What connects to targets on loopback, by sources of the kernel's choice.</summary>
internal static class TestConnector
{
    /// <param name="loop">Whose sockets they are.</param>
    /// <param name="timeout">Of a connection, in nanoseconds.</param>
    /// <param name="allowed">Targets that may be reached.</param>
    /// <param name="resolve">What any name resolves to; null: there is none.</param>
    /// <param name="egress">Sources of its targets; null for the kernel's choice.</param>
    public static TargetConnector Create(
        EventLoop loop, ulong timeout, string[] allowed, Func<AddressFamily, Task<ResolveResult>>? resolve = null,
        EgressState? egress = null)
    {
        var policy = new TargetPolicy([.. allowed.Select(TargetRule.Parse)], [], [], []);
        egress ??= new EgressState(new EgressConfig(), needsLease: false, static _ => { }, TimeProvider.System);
        var resolver = new Resolver(resolve ?? (static _ => Task.FromResult(ResolveResult.NotFound)));
        return new TargetConnector(loop, resolver, () => policy, egress, timeout);
    }

    private sealed class Resolver(Func<AddressFamily, Task<ResolveResult>> resolve) : ITargetResolver
    {
        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken) => new(resolve(family));
    }
}
