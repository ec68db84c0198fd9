using Relay.Hosting.Files;
using Relay.Hosting.Options;

namespace Relay.Hosting.Fleet;

/// <summary>Two options that are the files of a certificate and of its key.</summary>
public static class CertificateOptions
{
    /// <summary>Says what stands against them: one without the other, or files that are none; and which certificates end soon.</summary>
    /// <param name="read">What was given.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="chain">The chain's option.</param>
    /// <param name="key">The key's.</param>
    /// <param name="files">The files of both, in this order.</param>
    /// <param name="purpose">What they are of, as in "the other file of HTTPS".</param>
    /// <param name="load">Makes of them what is made in the end, or throws <see cref="StartException"/>.</param>
    public static void Check(
        OptionReader read, Func<string, Stream> openFile, OptionDefinition chain, OptionDefinition key, FileGroup files, string purpose,
        Action<FileGroup, FileContents> load)
    {
        var (hasChain, hasKey) = (files.Files[0].Path is not null, files.Files[1].Path is not null);
        if (hasChain != hasKey)
            read.Fail(hasChain ? key : chain, $"required with the other file of {purpose}");
        var (certificate, secret) = (read.Content(chain, openFile), read.Content(key, openFile));
        if (certificate is null || secret is null)
            return;
        var contents = new FileContents([certificate, secret]);
        try
        {
            load(files, contents);
            foreach (var notice in CertificateFile.Notices(files, contents, DateTimeOffset.UtcNow))
                read.Warn(notice);
        }
        catch (StartException e)
        {
            read.Fail(e.Message);
        }
    }

    /// <summary>Loads them for nothing but to see whether they are what they should be.</summary>
    internal static void Try(FileGroup files, FileContents contents) =>
        PemIdentity.Load(files, contents, static (leaf, _) =>
        {
            leaf.Dispose();
            return true;
        });
}
