using Relay.Native.IpsecMb;

namespace Relay.Native.Quic;

/// <summary>What encrypts and decrypts the packets of connections once their handshake has the keys for it.</summary>
public sealed class PacketProtection
{
    private PacketProtection(string name, string description, IpsecMbLibrary? keys) =>
        (Name, Description, Keys) = (name, description, keys);

    /// <summary>ngtcp2's crypto library, which is that of TLS: GnuTLS or OpenSSL.</summary>
    public static PacketProtection Library { get; } = new("library", "the TLS library", null);

    /// <summary><c>library</c> or <c>ipsec-mb</c>.</summary>
    public string Name { get; }

    /// <summary>The library and its version.</summary>
    public string Description { get; }

    /// <summary>What makes keys; null where ngtcp2's crypto library does.</summary>
    internal IpsecMbLibrary? Keys { get; }

    /// <summary>libipsec_mb, with AES-GCM at two to four times the speed of GnuTLS.</summary>
    /// <param name="whyNot">One line that names the cause, where it cannot be used.</param>
    public static PacketProtection? TryLoadIpsecMb(out string whyNot) =>
        IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out whyNot) is { } library ? Of(library) : null;

    internal static PacketProtection Of(IpsecMbLibrary library) =>
        new("ipsec-mb", $"libipsec_mb {library.Version}", library);
}
