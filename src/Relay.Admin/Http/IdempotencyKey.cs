using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Relay.Admin.Identity;

namespace Relay.Admin.Http;

/// <summary>The <c>Idempotency-Key</c> of a POST: the same key, caller and path mean the same request.</summary>
internal static class IdempotencyKey
{
    /// <summary>The request's header field.</summary>
    public const string FieldName = "Idempotency-Key";

    /// <summary>The field of an answer that was given before.</summary>
    public const string ReplayedFieldName = "Idempotency-Replayed";

    private const int MaxLength = 255;

    /// <summary>The key of a request, or null.</summary>
    /// <exception cref="ProblemException">It is not one.</exception>
    public static string? Of(HttpContext http)
    {
        var field = http.Request.Headers[FieldName];
        if (field.Count == 0)
            return null;
        var key = field.ToString();
        if (field.Count > 1 || key.Length is 0 or > MaxLength || key.Any(static c => c is < ' ' or > '~'))
            throw new ProblemException(Problem.Invalid(FieldName, $"not 1 to {MaxLength} printable ASCII characters"));
        return key;
    }

    /// <summary>
    /// A name for what a request makes: of its key, so that any coordinator that a repeat reaches gives the same one;
    /// without a key a new one.
    /// </summary>
    public static string NameOf(HttpContext http) => Of(http) is { } key
        ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Scope(http, key))).AsSpan(0, 10))
        : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));

    /// <summary>Tells requests of the same name apart, by their bodies; null without a key.</summary>
    public static async ValueTask<string?> FingerprintOf(HttpContext http) => Of(http) is null
        ? null
        : Convert.ToHexStringLower(SHA256.HashData((await RequestBody.BufferAsync(http).ConfigureAwait(false)).Span));

    /// <summary>Makes a route give a repeat of a request the answer of the first.</summary>
    public static RouteHandlerBuilder WithIdempotency(this RouteHandlerBuilder route) => route
        .WithMetadata(new TakesIdempotencyKey())
        .AddEndpointFilter(static async (invocation, next) =>
        {
            var http = invocation.HttpContext;
            if (Of(http) is not { } key)
                return await next(invocation).ConfigureAwait(false);
            var body = await RequestBody.BufferAsync(http).ConfigureAwait(false);
            var store = http.RequestServices.GetRequiredService<IdempotencyStore>();
            var (answer, isRepeat) = await store.DoAsync(
                Scope(http, key), body, async () => (IResult)(await next(invocation).ConfigureAwait(false))!)
                .ConfigureAwait(false);
            if (isRepeat)
                http.Response.Headers[ReplayedFieldName] = "true";
            return answer;
        });

    private static string Scope(HttpContext http, string key) =>
        $"{Caller.Of(http)?.Name}\n{http.Request.Path.ToUriComponent()}\n{key}";
}

/// <summary>Marks routes that take an <c>Idempotency-Key</c>, for the API's description.</summary>
internal sealed record TakesIdempotencyKey;
