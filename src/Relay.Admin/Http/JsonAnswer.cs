using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Relay.Admin.Http;

/// <summary>Answers with a value as JSON. Can be given again: it is what an idempotent repeat gets.</summary>
internal sealed class JsonAnswer<T>(T value, JsonTypeInfo<T> type, int status) : IResult, IStatusCodeHttpResult
{
    /// <summary>Where what was made, or is under way, can be found.</summary>
    public string? Location { get; init; }

    /// <summary>The version of what is answered, in its quotes.</summary>
    public string? ETag { get; init; }

    /// <inheritdoc/>
    public int? StatusCode => status;

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        if (Location is not null)
            httpContext.Response.Headers.Location = Location;
        if (ETag is not null)
            httpContext.Response.Headers.ETag = ETag;
        return httpContext.Response.WriteAsJsonAsync(value, type, cancellationToken: httpContext.RequestAborted);
    }
}

/// <summary>Makes answers.</summary>
internal static class Answer
{
    /// <summary>200 with a value.</summary>
    public static JsonAnswer<T> Ok<T>(T value, JsonTypeInfo<T> type) => new(value, type, StatusCodes.Status200OK);

    /// <summary>200 with a version of a value that can be edited; 304 where the client has it.</summary>
    public static IResult Ok<T>(HttpContext http, T value, JsonTypeInfo<T> type, string etag)
    {
        if (!Preconditions.IsKnown(http, etag))
            return new JsonAnswer<T>(value, type, StatusCodes.Status200OK) { ETag = etag };
        http.Response.Headers.ETag = etag;
        return Results.StatusCode(StatusCodes.Status304NotModified);
    }

    /// <summary>What a PUT made: 201 and where it is, or 200 for what was there before.</summary>
    public static JsonAnswer<T> Put<T>(T value, JsonTypeInfo<T> type, string etag, bool isNew, string location) =>
        new(value, type, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK)
        {
            ETag = etag,
            Location = isNew ? location : null,
        };

    /// <summary>201 with what was made, and where it belongs.</summary>
    public static JsonAnswer<T> Created<T>(T value, JsonTypeInfo<T> type, string location) =>
        new(value, type, StatusCodes.Status201Created) { Location = location };

    /// <summary>202 with a value, and where it can be watched.</summary>
    public static JsonAnswer<T> Accepted<T>(T value, JsonTypeInfo<T> type, string location) =>
        new(value, type, StatusCodes.Status202Accepted) { Location = location };

    /// <summary>200 with what is under way already, and where it can be watched.</summary>
    public static JsonAnswer<T> Joined<T>(T value, JsonTypeInfo<T> type, string location) =>
        new(value, type, StatusCodes.Status200OK) { Location = location };

    /// <summary>403: the token is known, and is not for this (RFC 6750 §3.1).</summary>
    public static ProblemResult Forbidden(HttpContext http, string detail)
    {
        http.Response.Headers.WWWAuthenticate = "Bearer realm=\"relayfleet\", error=\"insufficient_scope\"";
        return new ProblemResult(Problem.Of(StatusCodes.Status403Forbidden, detail));
    }

    /// <summary>404.</summary>
    public static ProblemResult NotFound(string detail) => new(Problem.NotFound(detail));
}
