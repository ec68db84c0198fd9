using System.Text;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Kubernetes;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Hosting;

/// <summary>Finds out who sends a request by its bearer token (RFC 6750), of the token file or of a pod of the cluster: once for each.</summary>
internal sealed class BearerTokens(TokenSource tokens, FailureLimiter<string> failures, TokenReviewer? reviewer = null)
{
    private const string Prefix = "Bearer ";
    private const int MaxTokenLength = 512;

    private static readonly Caller Anybody = new(Caller.LocalName, null);

    private sealed record Asked;

    private static readonly Asked Once = new();

    /// <summary>Who sends the request, which knows it from then on (<see cref="Caller.Of"/>); null for nobody that is known.</summary>
    /// <exception cref="ProblemException">The cluster cannot be asked at the moment.</exception>
    public ValueTask<Caller?> FindAsync(HttpContext http)
    {
        if (Caller.Of(http) is { } known)
            return ValueTask.FromResult<Caller?>(known);
        if (tokens.Current is not { } table)
            return ValueTask.FromResult(Know(http, Anybody));
        if (http.Features.Get<Asked>() is not null)
            return default;
        http.Features.Set(Once);
        var field = http.Request.Headers.Authorization.ToString();
        var shown = field.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? field.AsSpan(Prefix.Length).Trim() : default;
        if (shown.Length is > 0 and <= MaxTokenLength)
        {
            Span<byte> bytes = stackalloc byte[3 * MaxTokenLength];
            if (table.Find(bytes[..Encoding.UTF8.GetBytes(shown, bytes)]) is { } token)
                return ValueTask.FromResult(Know(http, new Caller(token.Name, token)));
        }
        return reviewer is null || field.Length == 0 ? default : ReviewAsync(reviewer, http, shown.ToString());
    }

    private async ValueTask<Caller?> ReviewAsync(TokenReviewer asked, HttpContext http, string shown)
    {
        try
        {
            var token = await asked.ReviewAsync(shown, Caller.SourceOf(http), failures, http.RequestAborted).ConfigureAwait(false);
            return token is null ? null : Know(http, new Caller(token.Name, token));
        }
        catch (HttpRequestException e)
        {
            throw new ProblemException(Problem.Unavailable(e.Message));
        }
    }

    private static Caller? Know(HttpContext http, Caller caller)
    {
        http.Features.Set(caller);
        return caller;
    }
}
