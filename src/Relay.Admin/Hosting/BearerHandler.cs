using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Kubernetes;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Hosting;

/// <summary>Finds out who sends a request by its bearer token (RFC 6750), of the token file or of a pod of the cluster, and says what is missing.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder,
    TokenSource tokens, FailureLimiter<string> failures, AuditLog audit, Refusals refusals, TokenReviewer? reviewer = null)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    private const string Prefix = "Bearer ";
    private const int MaxTokenLength = 512;

    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (tokens.Current is not { } table)
            return Accept(new Caller(Caller.LocalName, null), AdminRoles.Viewer, AdminRoles.Operator, AdminRoles.Node);
        var field = Request.Headers.Authorization.ToString();
        if (field.Length == 0)
            return AuthenticateResult.NoResult();
        var shown = field.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) ? field[Prefix.Length..].Trim() : "";
        var token = shown.Length is 0 or > MaxTokenLength ? null : table.Find(Encoding.UTF8.GetBytes(shown));
        token ??= reviewer is null ? null : await ReviewAsync(reviewer, shown).ConfigureAwait(false);
        return token is null ? AuthenticateResult.Fail("wrong token") : Accept(new Caller(token.Name, token), token.Role switch
        {
            AdminRole.Operator => [AdminRoles.Viewer, AdminRoles.Operator],
            AdminRole.Viewer => [AdminRoles.Viewer],
            _ => [AdminRoles.Node],
        });
    }

    private async ValueTask<AdminToken?> ReviewAsync(TokenReviewer asked, string shown)
    {
        try
        {
            return await asked.ReviewAsync(shown, MayAsk, Context.RequestAborted).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw new ProblemException(Problem.Unavailable(e.Message));
        }
    }

    // Who has shown too many wrong tokens is not asked for: each would be a request to the cluster's API server.
    private bool MayAsk()
    {
        var source = Caller.SourceOf(Context);
        if (!failures.TryTake(source))
            return false;
        failures.GiveBack(source);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isWrong = Request.Headers.Authorization.Count > 0;
        if (isWrong)
        {
            refusals.Count(Refusal.WrongToken);
            audit.WrongToken(Context);
        }
        if (isWrong && !failures.TryTake(Caller.SourceOf(Context)))
        {
            await ProblemResult.WriteAsync(Context, Problem.Of(
                StatusCodes.Status429TooManyRequests, "too many wrong tokens from this address") with
            {
                RetryAfterSeconds = (int)FailureLimiter.Interval.TotalSeconds,
            }).ConfigureAwait(false);
            return;
        }
        Response.Headers.WWWAuthenticate = isWrong
            ? "Bearer realm=\"relayfleet\", error=\"invalid_token\""
            : "Bearer realm=\"relayfleet\"";
        await ProblemResult.WriteAsync(Context, Problem.Of(
            StatusCodes.Status401Unauthorized,
            isWrong ? "the token is not known" : "a bearer token is needed")).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Answer.Forbidden(Context, "the token's role does not allow this").ExecuteAsync(Context);

    private AuthenticateResult Accept(Caller caller, params string[] roles)
    {
        Context.Features.Set(caller);
        var identity = new ClaimsIdentity(
            roles.Select(static role => new Claim(ClaimTypes.Role, role)), Policies.Scheme, ClaimTypes.Name,
            ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, caller.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Policies.Scheme));
    }
}
