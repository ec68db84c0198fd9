namespace Relay.Node.Options;

/// <summary>What encrypts QUIC's packets.</summary>
internal enum PacketProtectionMode
{
    /// <summary>libipsec_mb where it can be used, else the TLS library.</summary>
    Auto,

    /// <summary>libipsec_mb, or the node does not start.</summary>
    IpsecMb,

    /// <summary>The TLS library.</summary>
    Library,
}
