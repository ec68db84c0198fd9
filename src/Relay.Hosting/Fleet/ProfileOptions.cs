using Relay.Hosting.Files;
using Relay.Hosting.Options;

namespace Relay.Hosting.Fleet;

/// <summary>What the configuration of clients is made with. Validated and immutable.</summary>
public sealed record ProfileConfig
{
    /// <summary>The fleet's relay as clients reach it; null where nobody has said.</summary>
    public RelayAddress? Relay { get; init; }

    /// <summary>The PEM chain that profiles for Apple's devices are signed with; null, as the key, for unsigned ones.</summary>
    public string? SigningCertPath { get; init; }

    /// <summary>The PEM key of <see cref="SigningCertPath"/>.</summary>
    public string? SigningKeyPath { get; init; }

    /// <summary>The files of signing: the chain's and the key's.</summary>
    public FileGroup SigningFiles => new("the certificate of profiles",
    [
        new NamedFile(ProfileOptions.SigningCert.Name, SigningCertPath),
        new NamedFile(ProfileOptions.SigningKey.Name, SigningKeyPath),
    ]);
}

/// <summary>The options of <see cref="ProfileConfig"/>.</summary>
public static class ProfileOptions
{
    /// <summary>See <see cref="ProfileConfig.Relay"/>.</summary>
    public static readonly OptionDefinition Relay = Single("--public-relay", "HOST[:PORT]",
        "The relay as clients reach it, for their profiles; or an https URI template of connect-udp");

    /// <summary>See <see cref="ProfileConfig.SigningCertPath"/>.</summary>
    public static readonly OptionDefinition SigningCert = Single("--profile-signing-cert", "PEM",
        "Certificate chain that profiles for Apple's devices are signed with; read again when it changes");

    /// <summary>See <see cref="ProfileConfig.SigningKeyPath"/>.</summary>
    public static readonly OptionDefinition SigningKey = Single("--profile-signing-key", "PEM",
        "Its private key, of RSA or ECDSA");

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } = [Relay, SigningCert, SigningKey];

    /// <summary>Reads them, or says all that stands against them.</summary>
    /// <param name="read">What was given.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <returns>The configuration; of no use if there are errors.</returns>
    public static ProfileConfig Read(OptionReader read, Func<string, Stream> openFile)
    {
        RelayAddress? relay = null;
        if (read.Text(Relay) is { } text && !RelayAddress.TryParse(text, out relay, out var error))
            read.Fail(Relay, $"'{text}': {error}");
        var config = new ProfileConfig
        {
            Relay = relay,
            SigningCertPath = read.Text(SigningCert),
            SigningKeyPath = read.Text(SigningKey),
        };
        CertificateOptions.Check(read, openFile, SigningCert, SigningKey, config.SigningFiles, "signing", CertificateOptions.Try);
        return config;
    }

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Fleet, name, valueName, description);
}
