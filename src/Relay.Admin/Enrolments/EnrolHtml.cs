using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace Relay.Admin.Enrolments;

/// <summary>What all pages of enrolments have: a frame, and a style that is in the page itself. There is no script.</summary>
internal static class EnrolHtml
{
    private static readonly string Style = ReadStyle();

    /// <summary>The policy of the pages (CSP Level 3): the one style, pictures that are in the page, forms of the page's own place.</summary>
    public static readonly string ContentSecurityPolicy =
        "default-src 'none'; img-src data:; "
        + $"style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>A whole page.</summary>
    /// <param name="title">Its title and heading.</param>
    /// <param name="body">HTML.</param>
    public static string Page(string title, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <title>{Text(title)}</title>
        <link rel="icon" href="data:,">
        <style>{Style}</style>
        </head>
        <body>
        <main>
        <h1>{Text(title)}</h1>
        {body}
        </main>
        </body>
        </html>

        """;

    /// <summary>A text as HTML.</summary>
    public static string Text(string text) => HtmlEncoder.Default.Encode(text);

    // A hash in the policy is over the text as it is parsed: without carriage returns.
    private static string ReadStyle()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("enrol.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
