using System.Formats.Asn1;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

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

    /// <summary>
    /// The kind of names that clients are known by, so that what authorities may give for such has to be held to, by its tag as a
    /// GeneralName (RFC 5280 §4.2.1.6): 1 for mail, 2 for the DNS, 6 for URIs; null for none.
    /// </summary>
    public int? HeldNames { get; init; }

    /// <summary>What authorities have revoked; null where nobody asks.</summary>
    public RevocationLists? Revoked
    {
        get => _revoked;
        set => _revoked = value;
    }

    /// <summary>Why clients were refused, as far as the TLS library has not.</summary>
    public RefusalReasons Reasons { get; } = new();

    /// <summary>It, for native code to give back; as long as the process.</summary>
    internal nint Handle => _handle.Value;

    /// <summary>That of a handle.</summary>
    internal static ClientTrust Of(nint handle) => (ClientTrust)GCHandle.FromIntPtr(handle).Target!;

    /// <summary>Whether there is anything that the TLS library does not judge.</summary>
    internal bool WantsPath => HeldNames is not null || _revoked is not null;

    /// <summary>Whether a path is good, as far as the TLS library has not judged it.</summary>
    /// <param name="path">Certificates in DER form: the client's own first, the authority's last.</param>
    internal bool Accepts(IReadOnlyList<byte[]> path)
    {
        var fault = FaultOf(path, DateTimeOffset.UtcNow);
        if (fault is not null)
            Reasons.Note(fault);
        return fault is null;
    }

    private string? FaultOf(IReadOnlyList<byte[]> path, DateTimeOffset now)
    {
        if (path.Count < 2)
            return "no authority has signed the certificate";
        try
        {
            return HeldNames is { } kind && NameConstraints.Refuser(path, kind) is { } refuser
                ? $"{AuthorityName.Show(refuser)} may not give such a name as the certificate has"
                : _revoked?.FaultOf(path, now);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            return "a certificate has an extension that is none";
        }
    }
}
