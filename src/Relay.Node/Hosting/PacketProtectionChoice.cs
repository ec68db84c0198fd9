using Relay.Hosting;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>What encrypts QUIC's packets, and why; the same for the life of the process.</summary>
/// <param name="Protection">What was chosen.</param>
/// <param name="By">The library that does it, by its name.</param>
/// <param name="Because">Why it is not the other; empty where nothing is to be said.</param>
internal sealed record PacketProtectionChoice(PacketProtection Protection, string By, string Because)
{
    private static readonly Lazy<(PacketProtection? Protection, string WhyNot)> IpsecMb = new(static () =>
        (PacketProtection.TryLoadIpsecMb(out var whyNot), whyNot));

    /// <summary>For the log, and for <c>--version</c>.</summary>
    public override string ToString() =>
        $"packet protection: {Protection.Name} ({By}{(Because.Length > 0 ? "; " + Because : "")})";

    /// <summary>Chooses.</summary>
    /// <param name="mode">As the operator wants it.</param>
    /// <param name="tls">The TLS library, which does it where libipsec_mb does not.</param>
    /// <exception cref="StartException">The operator wants what cannot be had.</exception>
    internal static PacketProtectionChoice Of(PacketProtectionMode mode, TlsLibrary tls)
    {
        if (mode == PacketProtectionMode.Library)
            return new PacketProtectionChoice(PacketProtection.Library, tls.Title, "");
        var (protection, whyNot) = IpsecMb.Value;
        if (protection is not null)
            return new PacketProtectionChoice(protection, protection.Description, "");
        return mode == PacketProtectionMode.Auto
            ? new PacketProtectionChoice(PacketProtection.Library, tls.Title, whyNot)
            : throw new StartException(
                $"{OptionCatalog.PacketProtection.Name}: libipsec_mb cannot be used: {whyNot}");
    }
}
