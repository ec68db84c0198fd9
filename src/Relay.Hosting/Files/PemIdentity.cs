using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Relay.Hosting.Files;

/// <summary>A certificate with its key, of PEM files.</summary>
public static class PemIdentity
{
    /// <summary>Reads one.</summary>
    /// <param name="chain">The chain, leaf first.</param>
    /// <param name="key">The leaf's private key, not encrypted.</param>
    /// <returns>The leaf with its key, and what comes after it.</returns>
    /// <exception cref="CryptographicException">They are not PEM, or do not fit each other.</exception>
    /// <exception cref="ArgumentException">The same.</exception>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Others) Load(byte[] chain, byte[] key)
    {
        var text = Encoding.UTF8.GetString(chain);
        var leaf = X509Certificate2.CreateFromPem(text, Encoding.UTF8.GetString(key));
        var others = new X509Certificate2Collection();
        others.ImportFromPem(text);
        others.RemoveAt(0);
        return (leaf, others);
    }
}
