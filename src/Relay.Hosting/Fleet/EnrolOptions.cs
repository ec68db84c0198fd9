using System.Net;
using Relay.Hosting.Files;
using Relay.Hosting.Options;

namespace Relay.Hosting.Fleet;

/// <summary>Where users come by their enrolments. Validated and immutable.</summary>
public sealed record EnrolConfig
{
    /// <summary>
    /// What links begin with, without a slash at its end; null, where <see cref="Address"/> is of loopback, for that address.
    /// </summary>
    public string? PublicUrl { get; init; }

    /// <summary>Where the page is served, and nothing else; null for nowhere.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The PEM chain to serve it by HTTPS with; null, as the key, for plain HTTP, of loopback alone.</summary>
    public string? TlsCertPath { get; init; }

    /// <summary>The PEM key of <see cref="TlsCertPath"/>.</summary>
    public string? TlsPrivateKeyPath { get; init; }

    /// <summary>The files of HTTPS: the chain's and the key's.</summary>
    public FileGroup TlsFiles => new("the certificate of enrolments",
    [
        new NamedFile(EnrolOptions.TlsCert.Name, TlsCertPath),
        new NamedFile(EnrolOptions.TlsKey.Name, TlsPrivateKeyPath),
    ]);

    /// <summary>The same with a certificate for where it has none of its own and needs one.</summary>
    /// <param name="chain">The path of the PEM chain; null for none.</param>
    /// <param name="key">That of its key.</param>
    public EnrolConfig Or(string? chain, string? key) =>
        Address is null || TlsCertPath is not null || IPAddress.IsLoopback(Address.Address)
            ? this : this with { TlsCertPath = chain, TlsPrivateKeyPath = key };

    /// <summary>What keeps it from being served: an option, and why.</summary>
    /// <param name="hasRelay">Whether <see cref="ProfileConfig.Relay"/> is known.</param>
    public IEnumerable<(OptionDefinition Option, string Detail)> Faults(bool hasRelay)
    {
        if (Address is null)
        {
            foreach (var (option, isGiven) in ((OptionDefinition, bool)[])
                [(EnrolOptions.PublicUrl, PublicUrl is not null), (EnrolOptions.TlsCert, TlsCertPath is not null)])
            {
                if (isGiven)
                    yield return (option, $"has no effect without {EnrolOptions.Address.Name}");
            }
            yield break;
        }
        var isLocal = IPAddress.IsLoopback(Address.Address);
        if (PublicUrl is null && !isLocal)
            yield return (EnrolOptions.PublicUrl, $"required with {EnrolOptions.Address.Name}: what links to {Address} begin with");
        if (TlsCertPath is null && !isLocal)
            yield return (EnrolOptions.TlsCert, $"required: {EnrolOptions.Address.Name} '{Address}' is not loopback, and what is shown there is secret");
        if (!hasRelay)
            yield return (ProfileOptions.Relay, $"required with {EnrolOptions.Address.Name}: which relay users are told of");
    }
}

/// <summary>The options of <see cref="EnrolConfig"/>.</summary>
public static class EnrolOptions
{
    /// <summary>See <see cref="EnrolConfig.PublicUrl"/>.</summary>
    public static readonly OptionDefinition PublicUrl = Single("--public-url", "URL",
        "What links of enrolments begin with: where users reach --enrol-address, by https; on loopback its own address if not given");

    /// <summary>See <see cref="EnrolConfig.Address"/>.</summary>
    public static readonly OptionDefinition Address = Single("--enrol-address", "ADDR:PORT",
        "Serve the page on which users get their devices, and nothing else; other than loopback only with a certificate");

    /// <summary>See <see cref="EnrolConfig.TlsCertPath"/>.</summary>
    public static readonly OptionDefinition TlsCert = Single("--enrol-tls-cert-path", "PEM",
        "Certificate chain of --enrol-address, read again when it changes; if not given, that of the admin API or the node");

    /// <summary>See <see cref="EnrolConfig.TlsPrivateKeyPath"/>.</summary>
    public static readonly OptionDefinition TlsKey = Single("--enrol-tls-private-key-path", "PEM",
        "Its private key");

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } = [PublicUrl, Address, TlsCert, TlsKey];

    /// <summary>Reads them, or says all that stands against them.</summary>
    /// <param name="read">What was given.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="hasRelay">Whether <see cref="ProfileConfig.Relay"/> is known.</param>
    /// <param name="chain">The chain of the program's own, for where none is given; null for none.</param>
    /// <param name="key">The key of <paramref name="chain"/>.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public static EnrolConfig Read(OptionReader read, Func<string, Stream> openFile, bool hasRelay, string? chain, string? key)
    {
        var config = new EnrolConfig
        {
            PublicUrl = ReadUrl(read),
            Address = read.Address(Address),
            TlsCertPath = read.Text(TlsCert),
            TlsPrivateKeyPath = read.Text(TlsKey),
        };
        CertificateOptions.Check(read, openFile, TlsCert, TlsKey, config.TlsFiles, "HTTPS", CertificateOptions.Try);
        config = config.Or(chain, key);
        // What is given and wrong is said already.
        if (config.Address is null && read.IsGiven(Address))
            return config;
        foreach (var (option, detail) in config.Faults(hasRelay))
        {
            if (!read.IsGiven(option) || config.Address is null)
                read.Fail(option, detail);
        }
        return config;
    }

    /// <summary>What a text is as <see cref="EnrolConfig.PublicUrl"/>; null, with the reason, for none.</summary>
    public static string? TryReadUrl(string text, out string? error)
    {
        error = !Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http")
            || text.Any(static c => c is <= ' ' or > '~') ? "not an https URL"
            : url.UserInfo.Length + url.Query.Length + url.Fragment.Length > 0 || text.AsSpan().ContainsAny("?#")
                ? "more than a scheme, host, port and path"
            : url.Scheme == "http" && !url.IsLoopback ? "not https: what is shown there is secret"
            : null;
        return error is null ? text.TrimEnd('/') : null;
    }

    private static string? ReadUrl(OptionReader read)
    {
        if (read.Text(PublicUrl) is not { } text)
            return null;
        var url = TryReadUrl(text, out var error);
        if (error is not null)
            read.Fail(PublicUrl, $"'{text}': {error}");
        return url;
    }

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Fleet, name, valueName, description);
}
