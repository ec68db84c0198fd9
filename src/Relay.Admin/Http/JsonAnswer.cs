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

    /// <summary>202 with a value, and where it can be watched.</summary>
    public static JsonAnswer<T> Accepted<T>(T value, JsonTypeInfo<T> type, string location) =>
        new(value, type, StatusCodes.Status202Accepted) { Location = location };

    /// <summary>404.</summary>
    public static ProblemResult NotFound(string detail) => new(Problem.NotFound(detail));
}
