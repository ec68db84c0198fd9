using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Native;
using Relay.Native.Trust;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>Reads what authorities of clients have revoked.</summary>
internal static class ClientRevocation
{
    /// <summary>The file that a configuration names; none where nobody asks.</summary>
    public static FileGroup FilesOf(NodeConfig config) => new("revoked certificates",
        [new NamedFile(OptionCatalog.ClientAuthCrlPath.Name, config.ClientAuthCrlPath) { MaxLength = RevocationLists.MaxLength }]);

    /// <summary>Reads it.</summary>
    /// <param name="files">What <see cref="FilesOf"/> names.</param>
    /// <param name="contents">What is in it.</param>
    /// <returns>The lists, or <see langword="null"/> where nobody asks.</returns>
    /// <exception cref="StartException">It cannot be used; the message names it and why.</exception>
    public static RevocationLists? Load(FileGroup files, FileContents contents)
    {
        try
        {
            return contents[0] is { } pem ? RevocationLists.Read(pem) : null;
        }
        catch (TlsException e)
        {
            throw new StartException($"{files.Files[0]}: {e.Message}");
        }
    }

    /// <summary>What lists mean for the authorities that are trusted, as far as nobody may want it so; a line each.</summary>
    /// <param name="files">What <see cref="FilesOf"/> names.</param>
    /// <param name="lists">What is in it.</param>
    /// <param name="authorities">They, in PEM.</param>
    /// <param name="takesIntermediates">Whether others may be between them and clients.</param>
    public static List<string> NoticesOf(FileGroup files, RevocationLists? lists, byte[]? authorities, bool takesIntermediates)
    {
        if (lists is null || authorities is null)
            return [];
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.ASCII.GetString(authorities));
            return [.. lists.Notices(certificates, takesIntermediates).Select(notice => $"{files.Files[0]}: {notice}")];
        }
        catch (CryptographicException)
        {
            // Whoever uses it says why it cannot be read.
            return [];
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    /// <summary>A line where a list is over, or soon is: then nobody whom its authority signed is let in. Null otherwise.</summary>
    public static string? NoticeOf(RevocationLists? lists, DateTimeOffset now) => lists?.EndOfLate(now) is not { } end ? null
        : $"a list of revoked certificates {(end <= now ? "is over since" : "is over at")} {end.UtcDateTime:yyyy-MM-dd HH:mm} UTC: "
            + "nobody whom its authority signed is let in then";
}
