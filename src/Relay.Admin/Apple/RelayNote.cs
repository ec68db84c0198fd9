namespace Relay.Admin.Apple;

/// <summary>Where a profile leads and whom it trusts, for the audit line: nothing of it is secret.</summary>
/// <param name="RootCertificates">The SHA-256 of each authority, in hexadecimal.</param>
/// <param name="Relays">The URI templates.</param>
internal sealed record RelayNote(IReadOnlyList<string> RootCertificates, IReadOnlyList<string> Relays)
{
    /// <summary>What is to be noted; the authorities first, since long templates are cut.</summary>
    public static RelayNote Of(RelaySettings settings) => new(
        [.. settings.RootCertificates.Select(static root => root.Fingerprint)],
        [.. settings.Relays.SelectMany(static relay => (string?[])[relay.Http3Url, relay.Http2Url]).OfType<string>().Distinct()]);
}
