using Relay.Hosting;
using Relay.Native.Quic;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>What encrypts QUIC's packets, and why; the same for the life of the process.</summary>
/// <param name="Protection">What was chosen.</param>
/// <param name="Because">Why it is not the other; empty where nothing is to be said.</param>
internal sealed record PacketProtectionChoice(PacketProtection Protection, string Because)
{
    private static readonly Lazy<(PacketProtection? Protection, string WhyNot)> IpsecMb = new(static () =>
        (PacketProtection.TryLoadIpsecMb(out var whyNot), whyNot));

    /// <summary>For the log, and for <c>--version</c>.</summary>
    public override string ToString() =>
        $"packet protection: {Protection.Name} ({Protection.Description}{(Because.Length > 0 ? "; " + Because : "")})";

    /// <summary>Chooses.</summary>
    /// <exception cref="StartException">The operator wants what cannot be had.</exception>
    internal static PacketProtectionChoice Of(PacketProtectionMode mode)
    {
        if (mode == PacketProtectionMode.Library)
            return new PacketProtectionChoice(PacketProtection.Library, "");
        var (protection, whyNot) = IpsecMb.Value;
        if (protection is not null)
            return new PacketProtectionChoice(protection, "");
        return mode == PacketProtectionMode.Auto
            ? new PacketProtectionChoice(PacketProtection.Library, whyNot)
            : throw new StartException(
                $"{OptionCatalog.PacketProtection.Name}: libipsec_mb cannot be used: {whyNot}");
    }
}
