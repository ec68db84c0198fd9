using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Relay.Admin.Http;

/// <summary>Why a request was not done: the body of every error (RFC 9457).</summary>
internal sealed record Problem
{
    /// <summary>The media type of such bodies.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>
    /// What kind of problem it is, for programs; stable. <c>urn:relayfleet:problem:</c> and a short name.
    /// </summary>
    public required string Type { get; init; }

    /// <summary>The kind in words; the same for every problem of a kind.</summary>
    public required string Title { get; init; }

    /// <summary>The status code of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>What is wrong with this request, one sentence.</summary>
    public string? Detail { get; init; }

    /// <summary>What is wrong with each field, query parameter or header of the request.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>When to try again, in seconds; goes into <c>Retry-After</c> as well.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>A problem whose kind is its status.</summary>
    public static Problem Of(int status, string? detail) => new()
    {
        Type = Prefix + Name(status),
        Title = ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } phrase ? phrase : "Error",
        Status = status,
        Detail = detail,
    };

    /// <summary>There is no such thing.</summary>
    public static Problem NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    /// <summary>Fields of the request are wrong.</summary>
    public static Problem Invalid(FieldErrors errors) => Of(StatusCodes.Status400BadRequest, errors.Summary) with
    {
        Type = Prefix + "invalid-request",
        Title = "The request has wrong fields",
        Errors = errors.ToDictionary(),
    };

    /// <summary>One field of the request is wrong.</summary>
    public static Problem Invalid(string field, string message)
    {
        var errors = new FieldErrors();
        errors.Add(field, message);
        return Invalid(errors);
    }

    /// <summary>Nobody can answer at the moment.</summary>
    public static Problem Unavailable(string detail) =>
        Of(StatusCodes.Status503ServiceUnavailable, detail) with { RetryAfterSeconds = 1 };

    /// <summary>Another process has the node's name.</summary>
    /// <param name="detail">Who has it, and who asks for it.</param>
    /// <param name="retryAfter">When to ask again.</param>
    public static Problem NodeNameTaken(string detail, TimeSpan retryAfter) =>
        Of(StatusCodes.Status409Conflict, detail) with
        {
            Type = Prefix + "node-name-taken",
            Title = "Another process has the node's name",
            RetryAfterSeconds = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds)),
        };

    private const string Prefix = "urn:relayfleet:problem:";

    private static string Name(int status) => status switch
    {
        400 => "malformed-request",
        401 => "unauthorized",
        403 => "forbidden",
        404 => "not-found",
        405 => "method-not-allowed",
        408 => "request-timeout",
        409 => "conflict",
        412 => "precondition-failed",
        413 => "body-too-large",
        415 => "unsupported-media-type",
        421 => "misdirected-request",
        422 => "unprocessable",
        429 => "too-many-requests",
        503 => "unavailable",
        504 => "timeout",
        _ => "internal",
    };
}

/// <summary>Ends the handling of a request with a problem.</summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    /// <summary>What to answer.</summary>
    public Problem Problem { get; } = problem;
}
