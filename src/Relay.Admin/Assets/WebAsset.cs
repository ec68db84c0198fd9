using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Relay.Admin.Assets;

/// <summary>A file of the dashboard, in memory, and compressed where that helps.</summary>
internal sealed class WebAsset
{
    private readonly byte[] _plain;
    private readonly Lazy<byte[]?> _gzip;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _etag;

    private WebAsset(byte[] content, string contentType)
    {
        _plain = content;
        _contentType = contentType;
        // Once somebody asks: most processes are never asked for most of the files.
        _gzip = new(() => Compress(content));
        // Weak: the same for both codings of the content.
        _etag = new EntityTagHeaderValue(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"", isWeak: true);
    }

    /// <summary>Takes in a file.</summary>
    /// <param name="name">Its name, by whose extension it is served.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="InvalidDataException">Its extension is not one that is served.</exception>
    public static WebAsset Read(string name, string content) => new(
        Encoding.UTF8.GetBytes(content),
        TypeOf(Path.GetExtension(name)) ?? throw new InvalidDataException($"{name} has no known content type"));

    /// <summary>Answers a GET or HEAD with it.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        var headers = http.Response.Headers;
        // Asked for again each time, and mostly answered with 304: a new version of the program shows its new page at
        // once.
        headers.CacheControl = "no-cache";
        headers.ETag = _etag.ToString();
        headers.Vary = "Accept-Encoding";
        if (EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var known)
            && known.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(_etag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        var gzip = AcceptsGzip(http.Request) ? _gzip.Value : null;
        if (gzip is not null)
            headers.ContentEncoding = "gzip";
        var body = gzip ?? _plain;
        http.Response.ContentType = _contentType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var codings)
        && codings.Any(static coding => coding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)
            && coding.Quality != 0);

    private static byte[]? Compress(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(content);
        return stream.Length < content.Length * 9L / 10 ? stream.ToArray() : null;
    }

    private static string? TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        // As which browsers show it; text/markdown they would save.
        ".md" => "text/plain; charset=utf-8",
        _ => null,
    };
}
