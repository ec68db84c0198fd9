using System.Security.Cryptography.X509Certificates;

namespace Relay.Native.Trust;

/// <summary>What authorities are called, for people and to find them by.</summary>
internal static class AuthorityName
{
    private const int Longest = 128;

    /// <summary>For a line of a log.</summary>
    internal static string Show(X500DistinguishedName name)
    {
        var text = string.Concat(name.Name.Select(static c => char.IsControl(c) ? '?' : c));
        return text.Length <= Longest ? text : text[..Longest] + "…";
    }

    /// <summary>
    /// The same for names that RFC 5280 §7.1 calls the same, however their strings are encoded, and for some others: whose list it
    /// is its signature says.
    /// </summary>
    internal static string Key(X500DistinguishedName name) =>
        string.Concat(name.Name.Where(static c => c != '"' && !char.IsWhiteSpace(c))).ToUpperInvariant();
}
