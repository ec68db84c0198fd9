namespace Relay.Node.Counters;

/// <summary>What a client is known by, or failed to be known by.</summary>
internal enum AuthenticationKind
{
    /// <summary>None: nothing was shown, or nothing that can be told apart.</summary>
    None,

    /// <summary>A TLS client certificate.</summary>
    Certificate,

    /// <summary>A name and a password (RFC 7617).</summary>
    Basic,

    /// <summary>A token (RFC 6750).</summary>
    Bearer,
}
