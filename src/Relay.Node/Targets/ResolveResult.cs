using System.Collections.Immutable;
using System.Net;

namespace Relay.Node.Targets;

/// <summary>What a name resolved to. Immutable, and shared by all who asked for the same name.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Addresses">In the order of the system's resolver (RFC 6724); empty unless
/// <see cref="ResolveStatus.Success"/>. Not yet judged by any policy.</param>
/// <param name="Rcode">The DNS response code's name for the <c>rcode</c> parameter of Proxy-Status (RFC 9209 §2.3.2),
/// where one can be told.</param>
internal sealed record ResolveResult(ResolveStatus Status, ImmutableArray<IPAddress> Addresses, string? Rcode = null)
{
    /// <summary>The name has no addresses.</summary>
    public static ResolveResult NotFound { get; } = new(ResolveStatus.NotFound, [], "NXDOMAIN");

    /// <summary>The resolver failed; what a name server said, if anything, is not known.</summary>
    public static ResolveResult Failure { get; } = new(ResolveStatus.TemporaryFailure, []);

    /// <summary>The caller, or the resolver, waited long enough.</summary>
    public static ResolveResult Timeout { get; } = new(ResolveStatus.Timeout, []);

    /// <summary>The lookup was not begun.</summary>
    public static ResolveResult Overloaded { get; } = new(ResolveStatus.Overloaded, []);

    /// <summary>The name has these addresses; none at all is <see cref="NotFound"/>.</summary>
    public static ResolveResult Found(IEnumerable<IPAddress> addresses)
    {
        ImmutableArray<IPAddress> list = [.. addresses];
        return list.IsEmpty ? NotFound : new(ResolveStatus.Success, list);
    }
}
