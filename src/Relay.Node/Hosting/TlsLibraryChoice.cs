using Relay.Hosting;
using Relay.Native.Tls;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>Whose TLS clients are served with, and why; the same for the life of the process.</summary>
/// <param name="Library">What was chosen.</param>
/// <param name="Because">Why it is not OpenSSL; empty where nothing is to be said.</param>
internal sealed record TlsLibraryChoice(TlsLibrary Library, string Because)
{
    /// <summary>For the log, and for <c>--version</c>.</summary>
    public override string ToString() => $"TLS: {Library.Name} ({Library}{(Because.Length > 0 ? "; " + Because : "")})";

    /// <summary>Chooses.</summary>
    /// <exception cref="StartException">The operator wants what cannot be had.</exception>
    internal static TlsLibraryChoice Of(TlsLibraryMode mode)
    {
        if (mode == TlsLibraryMode.GnuTls)
            return new TlsLibraryChoice(TlsLibrary.GnuTls, "");
        if (TlsLibrary.CanUseOpenSsl(out var whyNot))
            return new TlsLibraryChoice(TlsLibrary.OpenSsl, "");
        return mode == TlsLibraryMode.Auto
            ? new TlsLibraryChoice(TlsLibrary.GnuTls, whyNot)
            : throw new StartException($"{OptionCatalog.TlsLibrary.Name}: OpenSSL cannot be used: {whyNot}");
    }
}
