namespace Relay.Node.Options;

/// <summary>Whose TLS the node speaks.</summary>
internal enum TlsLibraryMode
{
    /// <summary>OpenSSL's where it can be used, else GnuTLS's.</summary>
    Auto,

    /// <summary>GnuTLS's.</summary>
    GnuTls,

    /// <summary>OpenSSL's, or the node does not start.</summary>
    OpenSsl,
}
