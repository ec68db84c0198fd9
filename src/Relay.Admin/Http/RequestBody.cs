using System.Buffers;
using System.IO.Compression;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Relay.Fleet.Contract;

namespace Relay.Admin.Http;

/// <summary>Reads the bodies of requests, within bounds.</summary>
internal static class RequestBody
{
    /// <summary>The largest body of an operator's request, in bytes.</summary>
    public const int MaxLength = 64 << 10;

    private sealed record Buffered(ReadOnlyMemory<byte> Bytes);

    /// <summary>Reads an operator's body, and validates it as a whole.</summary>
    /// <param name="http">The request.</param>
    /// <param name="type">What it is.</param>
    /// <exception cref="ProblemException">
    /// It is too large, of another media type, or wrong; every wrong field is named.
    /// </exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class, IRequestBody
    {
        var bytes = await BufferAsync(http).ConfigureAwait(false);
        var errors = new FieldErrors();
        var body = JsonBody.Read(bytes.Length == 0 ? "{}"u8.ToArray() : bytes, type, errors);
        var before = errors.Fields.ToHashSet(StringComparer.Ordinal);
        foreach (var (field, detail) in body?.Faults() ?? [])
        {
            // What could not be read is absent here, and is noted already; the body as a whole is its fields' fault.
            if (field.Length == 0 ? errors.IsEmpty : !before.Contains(field))
                errors.Add(field, detail);
        }
        errors.ThrowIfAny();
        return body!;
    }

    /// <summary>The bytes of an operator's body; they are read once, and can be asked for again.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> BufferAsync(HttpContext http)
    {
        if (http.Features.Get<Buffered>() is { } before)
            return before.Bytes;
        using var body = await ReadBytesAsync(http, MaxLength, isGzipAllowed: false).ConfigureAwait(false);
        var bytes = body.Bytes.ToArray();
        http.Features.Set(new Buffered(bytes));
        return bytes;
    }

    /// <summary>How large a body may turn out to be, as its header fields have it: all that is allowed where they do not say.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">The most bytes that are read of it.</param>
    public static int MostOf(HttpContext http, int limit) =>
        http.Request.Headers.ContentEncoding.Count == 0 && http.Request.ContentLength is { } length && length < limit ? (int)length : limit;

    /// <summary>Reads all of a body.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">The most bytes, on the wire and decompressed.</param>
    /// <param name="isGzipAllowed">Whether it may be compressed.</param>
    /// <param name="scan">Looks at it as it arrives; null for nobody.</param>
    /// <exception cref="ProblemException">It is too large, or not of a kind that is read.</exception>
    public static async ValueTask<BodyBytes> ReadBytesAsync(
        HttpContext http, int limit, bool isGzipAllowed, ReportScan? scan = null)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit;
        if (http.Request.ContentLength > limit)
            throw TooLarge(limit);
        var isGzip = IsGzip(http, isGzipAllowed);
        var source = isGzip ? new GZipStream(http.Request.Body, CompressionMode.Decompress) : http.Request.Body;
        try
        {
            return await ReadAllAsync(http, source, limit, scan).ConfigureAwait(false);
        }
        // What a client writes may be no chunk at all: Kestrel says so of some by an exception that is no request's.
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new ProblemException(Problem.Of(StatusCodes.Status400BadRequest, "the body cannot be read"));
        }
        catch (InvalidDataException) when (isGzip)
        {
            throw new ProblemException(Problem.Of(StatusCodes.Status400BadRequest, "the body is not gzip"));
        }
    }

    private static async ValueTask<BodyBytes> ReadAllAsync(HttpContext http, Stream source, int limit, ReportScan? scan)
    {
        // Grows with what arrives, not with what a header promises. Of reports, which are many and alike, others have the memory
        // afterwards; what operators send is seldom, may be large, and may hold secrets.
        var (bytes, length) = (new BodyBytes(isShared: scan is not null), 0);
        try
        {
            while (true)
            {
                var read = await source.ReadAsync(bytes.Rest, http.RequestAborted).ConfigureAwait(false);
                if (read == 0)
                {
                    scan?.Read(bytes.Bytes.Span, isWhole: true);
                    return bytes;
                }
                // A body that is empty has no type.
                if (length == 0)
                    RequireJson(http);
                length += read;
                if (length > limit)
                    throw TooLarge(limit);
                bytes.Add(read, limit);
                scan?.Read(bytes.Bytes.Span);
            }
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    private static ProblemException TooLarge(int limit) =>
        new(Problem.Of(StatusCodes.Status413PayloadTooLarge, $"the body is larger than {limit} bytes"));

    private static bool IsGzip(HttpContext http, bool isAllowed)
    {
        var encoding = http.Request.Headers.ContentEncoding.ToString();
        if (encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return false;
        if (isAllowed && encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            return true;
        // RFC 9110 §15.5.16: with a 415 for the coding, Accept-Encoding says what would be accepted.
        http.Response.Headers.AcceptEncoding = isAllowed ? "gzip" : "identity";
        throw new ProblemException(Problem.Of(
            StatusCodes.Status415UnsupportedMediaType, "the body has a Content-Encoding that is not read here"));
    }

    private static void RequireJson(HttpContext http)
    {
        // Also a guard: a page of another origin can send a form or plain text without being asked, but not this type.
        if (MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type)
            && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
            return;
        throw new ProblemException(Problem.Of(
            StatusCodes.Status415UnsupportedMediaType, "the body must be application/json, in UTF-8"));
    }
}

/// <summary>The bytes of a body.</summary>
/// <param name="isShared">Whether others have its memory afterwards.</param>
internal sealed class BodyBytes(bool isShared) : IDisposable
{
    private byte[] _memory = isShared ? ArrayPool<byte>.Shared.Rent(4096) : new byte[4096];
    private int _length;

    /// <summary>The bytes, until this is disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => _memory.AsMemory(0, _length);

    /// <summary>Where what arrives next goes.</summary>
    public Memory<byte> Rest => _memory.AsMemory(_length);

    /// <summary>So many have arrived. There is room for one more than the limit, and no more.</summary>
    public void Add(int count, int limit)
    {
        _length += count;
        if (_length < _memory.Length)
            return;
        var length = Math.Min(2L * _length, limit + 1L);
        var larger = isShared ? ArrayPool<byte>.Shared.Rent((int)length) : new byte[length];
        _memory.CopyTo(larger, 0);
        Dispose();
        _memory = larger;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isShared && _memory.Length > 0)
            ArrayPool<byte>.Shared.Return(_memory);
        _memory = [];
    }
}
