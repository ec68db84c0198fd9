using System.Runtime.InteropServices;
using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What can protect packets on this machine, and by which cipher.</summary>
internal static unsafe class Protections
{
    /// <summary>libipsec_mb; null where it cannot be used.</summary>
    public static PacketProtection? IpsecMb { get; } = PacketProtection.TryLoadIpsecMb(out _);

    /// <summary>What a node takes by itself.</summary>
    public static PacketProtection Automatic => IpsecMb ?? PacketProtection.Library;

    /// <summary>By its name; skips the test where it cannot be used.</summary>
    public static PacketProtection Of(string name)
    {
        Assert.SkipWhen(name == "ipsec-mb" && IpsecMb is null, "libipsec_mb cannot be used");
        return name == "ipsec-mb" ? IpsecMb! : PacketProtection.Library;
    }

    /// <summary>Has a client offer one cipher only; to be called before its session says anything.</summary>
    public static void Offer(nint session, string cipher)
    {
        fixed (byte* priorities = System.Text.Encoding.ASCII.GetBytes(
            $"%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{cipher}\0"))
            Assert.Equal(0, gnutls_priority_set_direct(session, priorities, null));
    }

    [DllImport("libgnutls.so.30")]
    private static extern int gnutls_priority_set_direct(nint session, byte* priorities, byte** err_pos);
}
