using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Hosting;

/// <summary>Lets requests in by what their bearer tokens (RFC 6750) are, and says what is missing.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logs, UrlEncoder encoder,
    BearerTokens tokens, FailureLimiter<string> failures, AuditLog audit, Refusals refusals)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logs, encoder)
{
    /// <inheritdoc/>
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (await tokens.FindAsync(Context).ConfigureAwait(false) is not { } caller)
            return Request.Headers.Authorization.ToString().Length == 0 ? AuthenticateResult.NoResult() : AuthenticateResult.Fail("wrong token");
        return Accept(caller, caller.Token?.Role switch
        {
            null => [AdminRoles.Viewer, AdminRoles.Operator, AdminRoles.Node],
            AdminRole.Operator => [AdminRoles.Viewer, AdminRoles.Operator],
            AdminRole.Viewer => [AdminRoles.Viewer],
            _ => [AdminRoles.Node],
        });
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

    private static AuthenticateResult Accept(Caller caller, params string[] roles)
    {
        var identity = new ClaimsIdentity(
            roles.Select(static role => new Claim(ClaimTypes.Role, role)), Policies.Scheme, ClaimTypes.Name,
            ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, caller.Name));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Policies.Scheme));
    }
}
