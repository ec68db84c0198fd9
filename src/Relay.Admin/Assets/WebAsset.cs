using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Relay.Admin.Assets;

/// <summary>A file of the dashboard, in memory, and compressed where that helps.</summary>
internal sealed class WebAsset
{
    private readonly byte[] _plain;
    private readonly byte[]? _gzip;
    private readonly string _contentType;
    private readonly EntityTagHeaderValue _etag;

    private WebAsset(string path, byte[] content, string contentType)
    {
        Path = path;
        _plain = content;
        _contentType = contentType;
        _gzip = Compress(content);
        // Weak: the same for both codings of the content.
        _etag = new EntityTagHeaderValue(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12))}\"", isWeak: true);
    }

    /// <summary>Where it is within its folder, with slashes.</summary>
    public string Path { get; }

    /// <summary>Takes in a file.</summary>
    /// <exception cref="InvalidDataException">Its extension is not one that is served.</exception>
    public static WebAsset Read(string name, Stream content)
    {
        var path = name.Replace('\\', '/');
        using var bytes = new MemoryStream();
        content.CopyTo(bytes);
        return new WebAsset(path, bytes.ToArray(), TypeOf(System.IO.Path.GetExtension(path))
            ?? throw new InvalidDataException($"{path} has no known content type"));
    }

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
        var isGzip = _gzip is not null && AcceptsGzip(http.Request);
        if (isGzip)
            headers.ContentEncoding = "gzip";
        var body = isGzip ? _gzip! : _plain;
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
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".json" or ".webmanifest" => "application/json",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".ico" => "image/x-icon",
        ".woff2" => "font/woff2",
        ".txt" => "text/plain; charset=utf-8",
        _ => null,
    };
}
