using System.Diagnostics.CodeAnalysis;
using Relay.Hosting.Options;
using Relay.Node.Tokens;

namespace Relay.Node.Options;

/// <summary>Makes a <see cref="JwtConfig"/> of options, or says all that stands against it.</summary>
internal sealed class JwtConfigReader(OptionReader read, Func<string, Stream> openFile)
{
    /// <summary>Reads the options.</summary>
    /// <returns>The configuration; null where none is given, and of no use if there are errors.</returns>
    public JwtConfig? Read()
    {
        if (!JwtOptions.All.Any(read.IsGiven))
            return null;
        // A token for somebody else, of an issuer that many use, lets nobody in: so the audience is asked for too.
        foreach (var needed in new[] { JwtOptions.Issuer, JwtOptions.Keys, JwtOptions.Audience })
        {
            if (!read.IsGiven(needed))
                read.Fail(needed, $"needed with {JwtOptions.All.First(read.IsGiven).Name}");
        }
        var (file, url) = ReadKeys();
        var audiences = read.List<string>(JwtOptions.Audience, TryReadAudience);
        return new JwtConfig(
            new JwtPolicy(ReadIssuer(), audiences, read.Text(JwtOptions.Claim) ?? JwtPolicy.Subject), file, url);
    }

    private string ReadIssuer()
    {
        var issuer = read.Text(JwtOptions.Issuer);
        if (issuer is not null && !JwtPolicy.IsIssuer(issuer))
            read.Fail(JwtOptions.Issuer, $"'{issuer}' is not 1 to {JwtPolicy.MaxIssuer} visible ASCII characters without |");
        return issuer ?? "";
    }

    private (string? File, Uri? Url) ReadKeys()
    {
        if (read.Text(JwtOptions.Keys) is not { } text)
            return (null, null);
        if (!text.Contains("://", StringComparison.Ordinal))
            return (ReadFile(text), null);
        // Whoever can change the keys on their way decides who gets in.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || url.Host.Length == 0)
            read.Fail(JwtOptions.Keys, $"'{text}' is neither a file nor a URL of https");
        else if (url.UserInfo.Length > 0)
            read.Fail(JwtOptions.Keys, "a URL with a name or a password is not taken");
        return (null, url);
    }

    private string ReadFile(string path)
    {
        if (read.Content(JwtOptions.Keys, openFile) is { } content && !JwtKeySet.TryRead(content, out _, out var error))
            read.Fail(JwtOptions.Keys, $"'{path}' {error}");
        return path;
    }

    private static bool TryReadAudience(
        string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        (value, error) = text.Length > 0 ? (text, null) : ((string?)null, "empty");
        return value is not null;
    }
}
