using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Grains.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Options;

namespace Relay.Hosting.Fleet;

/// <summary>The options of the certificate by which silos know each other: all of them or none.</summary>
public static class SiloTlsOptions
{
    /// <summary>The silo's certificate chain.</summary>
    public static readonly OptionDefinition Cert = Single("--silo-tls-cert-path", "PEM",
        "Silos talk by TLS, in which both show a certificate: this chain, for a DNS name that all silos share; read again when it changes");

    /// <summary>Its key.</summary>
    public static readonly OptionDefinition Key = Single("--silo-tls-private-key-path", "PEM", "Private key of --silo-tls-cert-path");

    /// <summary>Who signs those of the others.</summary>
    public static readonly OptionDefinition Authority = Single("--silo-tls-ca-path", "PEM",
        "Who signs certificates of silos: one or more authorities, of which nobody else should have any for that name");

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } = [Cert, Key, Authority];

    /// <summary>Reads them, or says all that stands against them.</summary>
    /// <returns>The files; null where none is given.</returns>
    public static FileGroup? Read(OptionReader read, Func<string, Stream> openFile)
    {
        var given = All.Where(read.IsGiven).ToList();
        if (given.Count == 0)
            return null;
        foreach (var missing in All.Except(given))
            read.Fail(missing, "required with the other files of silos' TLS");
        var contents = All.Select(option => read.Content(option, openFile)).ToArray();
        var files = new FileGroup("the certificate of the silo", [.. All.Select(option => new NamedFile(option.Name, read.Text(option)))]);
        if (contents.Contains(null))
            return files;
        try
        {
            _ = Load(files, new FileContents(contents));
            foreach (var notice in CertificateFile.Notices(files, new FileContents(contents), DateTimeOffset.UtcNow))
                read.Warn(notice);
        }
        catch (StartException e)
        {
            read.Fail(e.Message);
        }
        return files;
    }

    /// <summary>Makes of the files what silos show each other.</summary>
    /// <exception cref="StartException">Nothing can be made of them; the message names which.</exception>
    internal static SiloTls Load(FileGroup files, FileContents contents)
    {
        var authorities = new X509Certificate2Collection();
        if (CertificateFile.FaultOf(files.Files[2], contents[2]!) is { } fault)
            throw new StartException(fault);
        authorities.ImportFromPem(Encoding.UTF8.GetString(contents[2]!));
        return PemIdentity.Load(files, contents, (leaf, others) =>
        {
            using (leaf)
                return SiloTls.Create(leaf, others, authorities);
        });
    }

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Fleet, name, valueName, description);
}
