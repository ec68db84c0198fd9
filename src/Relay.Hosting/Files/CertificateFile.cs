using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Relay.Hosting.Files;

/// <summary>What PEM files of certificates and keys say of themselves, in words for people; never a part of a key.</summary>
public static class CertificateFile
{
    /// <summary>How long before its end a certificate is spoken of.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private const string Certificate = "CERTIFICATE";
    private const string PrivateKey = "PRIVATE KEY";

    /// <summary>Warns of certificates that are over, are so soon, or have yet to begin.</summary>
    /// <param name="log">Receives a line for each.</param>
    /// <param name="files">The files.</param>
    /// <param name="contents">What is in them.</param>
    /// <param name="now">The wall clock.</param>
    public static void Warn(ILogger log, FileGroup files, FileContents contents, DateTimeOffset now)
    {
        foreach (var notice in Notices(files, contents, now))
            Log.CertificateEnds(log, notice);
    }

    /// <summary>The same, as lines.</summary>
    public static IEnumerable<string> Notices(FileGroup files, FileContents contents, DateTimeOffset now) =>
        files.Files.SelectMany((file, i) => contents[i] is { } pem ? Notices(file, pem, now) : []);

    /// <summary>What is wrong with a file of certificates; null for nothing that can be seen.</summary>
    public static string? FaultOf(NamedFile file, ReadOnlySpan<byte> pem)
    {
        try
        {
            using var certificates = new Certificates(pem);
            return certificates.All.Count > 0 ? null
                : $"{file}: there is no certificate{(Labels(pem).Any(IsKey) ? ", but a private key" : "")}";
        }
        catch (CryptographicException e)
        {
            return $"{file}: a certificate cannot be read: {e.Message}";
        }
    }

    /// <summary>Which of the files of a certificate and its key is wrong, and how; null for nothing that can be seen.</summary>
    /// <param name="files">The chain's and the key's, in this order.</param>
    /// <param name="contents">What is in them.</param>
    public static string? FaultOf(FileGroup files, FileContents contents)
    {
        var (chain, key) = (contents[0]!, contents[1]!);
        return FaultOf(files.Files[0], chain) ?? FaultOfKey(files.Files[1], key)
            ?? (Fits(chain, key) == false ? $"{files.Files[1]}: it is not the key of the certificate in {files.Files[0]}" : null);
    }

    private static List<string> Notices(NamedFile file, byte[] pem, DateTimeOffset now)
    {
        try
        {
            using var certificates = new Certificates(pem);
            return [.. certificates.All
                .Select(certificate => NoticeOf(certificate, now) is { } notice
                    ? $"{file}: the certificate of {Clean(certificate.Subject)} {notice}" : null)
                .OfType<string>()];
        }
        catch (CryptographicException)
        {
            // Whoever uses it says why it cannot be read.
            return [];
        }
    }

    private static string? NoticeOf(X509Certificate2 certificate, DateTimeOffset now)
    {
        DateTimeOffset from = certificate.NotBefore, until = certificate.NotAfter;
        return until <= now ? $"has expired on {Text(until)}"
            : until - now <= Soon ? $"expires on {Text(until)}, in {(int)(until - now).TotalDays} day(s)"
            : from > now ? $"is not valid before {Text(from)}"
            : null;
    }

    private static string? FaultOfKey(NamedFile file, ReadOnlySpan<byte> pem)
    {
        var labels = Labels(pem);
        return labels.Find(IsKey) switch
        {
            null => $"{file}: there is no private key{(labels.Contains(Certificate) ? ", but a certificate" : "")}",
            "ENCRYPTED " + PrivateKey => $"{file}: the key has a passphrase, and nobody is there to say it",
            _ => null,
        };
    }

    /// <summary>Whether a key is that of a chain's first certificate; null for a kind that the runtime does not know.</summary>
    private static bool? Fits(ReadOnlySpan<byte> chain, ReadOnlySpan<byte> key)
    {
        using var certificates = new Certificates(chain);
        using AsymmetricAlgorithm? wanted =
            (AsymmetricAlgorithm?)certificates.All[0].GetRSAPublicKey() ?? certificates.All[0].GetECDsaPublicKey();
        if (wanted is null)
            return null;
        using AsymmetricAlgorithm own = wanted is RSA ? RSA.Create() : ECDsa.Create();
        var text = new char[key.Length];
        try
        {
            _ = Encoding.ASCII.GetChars(key, text);
            own.ImportFromPem(text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
        finally
        {
            Array.Clear(text);
        }
        return own.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(wanted.ExportSubjectPublicKeyInfo());
    }

    private static List<string> Labels(ReadOnlySpan<byte> pem)
    {
        var labels = new List<string>();
        ReadOnlySpan<char> text = Encoding.ASCII.GetString(pem);
        while (PemEncoding.TryFind(text, out var fields))
        {
            labels.Add(text[fields.Label].ToString());
            text = text[fields.Location.End..];
        }
        return labels;
    }

    private static bool IsKey(string label) => label.EndsWith(PrivateKey, StringComparison.Ordinal);

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Clean(string subject) => string.Concat(subject.Select(static c => char.IsControl(c) ? '?' : c));

    /// <summary>Certificates of a text, disposed together.</summary>
    private readonly struct Certificates : IDisposable
    {
        internal Certificates(ReadOnlySpan<byte> pem) => All.ImportFromPem(Encoding.ASCII.GetString(pem));

        internal X509Certificate2Collection All { get; } = [];

        public void Dispose()
        {
            foreach (var certificate in All)
                certificate.Dispose();
        }
    }
}
