using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Hosting.Files;

/// <summary>A certificate with its key, of PEM files.</summary>
public static class PemIdentity
{
    /// <summary>Makes something of the two files of one.</summary>
    /// <param name="files">The chain's, leaf first, and the key's.</param>
    /// <param name="contents">What is in them.</param>
    /// <param name="make">Makes it of the leaf with its key, and of what comes after it.</param>
    /// <exception cref="StartException">They are not PEM, do not fit each other, or nothing can be made of them; the message names which.</exception>
    public static T Load<T>(
        FileGroup files, FileContents contents, Func<X509Certificate2, X509Certificate2Collection, T> make)
    {
        try
        {
            var (leaf, others) = Load(contents[0]!, contents[1]!);
            return make(leaf, others);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new StartException(
                CertificateFile.FaultOf(files, contents) ?? $"{files.Files[0]}, {files.Files[1]}: {e.Message}", e);
        }
    }

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) Load(byte[] chain, byte[] key)
    {
        var text = Encoding.UTF8.GetString(chain);
        var leaf = X509Certificate2.CreateFromPem(text, Encoding.UTF8.GetString(key));
        var others = new X509Certificate2Collection();
        others.ImportFromPem(text);
        others.RemoveAt(0);
        return (leaf, others);
    }
}
