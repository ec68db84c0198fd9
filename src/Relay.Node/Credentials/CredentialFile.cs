using System.Diagnostics.CodeAnalysis;
using Relay.Hosting.Credentials;

namespace Relay.Node.Credentials;

/// <summary>
/// A file of credentials: a line for each, <c>name:hash</c>; empty lines and those that begin with <c>#</c> say
/// nothing.
/// </summary>
internal static class CredentialFile
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Reads a hash.</summary>
    public delegate bool HashParser<T>(
        string text, [NotNullWhen(true)] out T? hash, [NotNullWhen(false)] out string? error);

    /// <summary>Reads a file.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="parse">Reads what comes after the name.</param>
    /// <param name="entries">The hashes by name.</param>
    /// <param name="error">Otherwise, the line and what is wrong with it; never a part of a hash.</param>
    public static bool TryRead<T>(
        ReadOnlySpan<byte> content, HashParser<T> parse, [NotNullWhen(true)] out Dictionary<string, T>? entries,
        [NotNullWhen(false)] out string? error)
        where T : class
    {
        entries = null;
        var found = new Dictionary<string, T>(StringComparer.Ordinal);
        if (content.Length > MaxLength)
        {
            error = $"larger than {MaxLength} bytes";
            return false;
        }
        foreach (var (number, line) in CredentialLine.Enumerate(content))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var name = colon < 0 ? "" : line[..colon];
            if (!CredentialLine.IsName(name))
                error = $"expected a name of 1 to {CredentialLine.MaxName} visible ASCII characters, a colon and a hash";
            else if (!parse(line[(colon + 1)..], out var hash, out error))
                error = $"{name}: {error}";
            else if (!found.TryAdd(name, hash))
                error = $"{name} is there twice";
            if (error is null)
                continue;
            error = $"line {number}: {error}";
            return false;
        }
        entries = found;
        error = null;
        return true;
    }
}
