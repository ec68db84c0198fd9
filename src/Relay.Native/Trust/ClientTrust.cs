using System.Runtime.InteropServices;

namespace Relay.Native.Trust;

/// <summary>
/// How a server judges clients' certificates beyond its authorities. Used by every context that it is given to; what is
/// replaced counts from the next handshake on.
/// </summary>
public sealed class ClientTrust
{
    /// <summary>Most certificates that a client may send, its own among them: each is a signature to verify.</summary>
    public const int MaxChain = 5;

    private readonly Lazy<nint> _handle;
    private volatile RevocationLists? _revoked;

    /// <summary>One that takes no more than the default.</summary>
    public ClientTrust() => _handle = new Lazy<nint>(() => GCHandle.ToIntPtr(GCHandle.Alloc(this)));

    /// <summary>Whether intermediates that a client sends may lead from its certificate to an authority.</summary>
    public bool TakesIntermediates { get; init; }

    /// <summary>Whether URIs name clients, so that what authorities may give for such has to be held to.</summary>
    public bool HoldsUris { get; init; }

    /// <summary>What authorities have revoked; null where nobody asks.</summary>
    public RevocationLists? Revoked
    {
        get => _revoked;
        set => _revoked = value;
    }

    /// <summary>It, for native code to give back; as long as the process.</summary>
    internal nint Handle => _handle.Value;

    /// <summary>That of a handle.</summary>
    internal static ClientTrust Of(nint handle) => (ClientTrust)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>Whether there is anything that the TLS library does not judge.</summary>
    internal bool WantsPath => HoldsUris || _revoked is not null;

    /// <summary>Whether a path is good, as far as the TLS library has not judged it.</summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    internal bool Accepts(IReadOnlyList<byte[]> path) =>
        path.Count > 1 && (!HoldsUris || UriConstraints.Allow(path)) && (_revoked?.Allows(path, DateTimeOffset.UtcNow) ?? true);
}
