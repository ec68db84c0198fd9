using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Relay.Admin.Identity;

namespace Relay.Admin.Http;

/// <summary>What routes say of themselves, for the API's description and for what reads their requests.</summary>
internal static class RouteDescriptions
{
    /// <summary>The query parameters that it takes.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params QueryParameter[] parameters) =>
        route.WithMetadata(new QueryParameters(parameters));

    /// <summary>The body that it takes.</summary>
    public static RouteHandlerBuilder TakesBody<T>(this RouteHandlerBuilder route, bool isOptional = false)
        where T : notnull => route.Accepts<T>(isOptional, "application/json");

    /// <summary>What it answers with, where all goes well.</summary>
    public static RouteHandlerBuilder Answers<T>(
        this RouteHandlerBuilder route, int status = StatusCodes.Status200OK) =>
        route.Produces<T>(status, "application/json");

    /// <summary>The problems that it may answer with, beside those that every route may.</summary>
    public static RouteHandlerBuilder AnswersProblems(this RouteHandlerBuilder route, params int[] statuses)
    {
        foreach (var status in (int[])[400, 401, 403, 429, 503, .. statuses])
            route.Produces<Problem>(status, Problem.ContentType);
        return route;
    }

    /// <summary>It takes conditions on the version of what it is about.</summary>
    public static RouteHandlerBuilder TakesConditions(this RouteHandlerBuilder route) =>
        route.WithMetadata(new TakesPreconditions());

    /// <summary>It changes the fleet: an operator's.</summary>
    public static RouteHandlerBuilder ForOperators(this RouteHandlerBuilder route) =>
        route.RequireAuthorization(Policies.Operator);

    /// <summary>
    /// Its answers are compressed for who asks for that. Said only of routes whose answers are large, hold no secret, and have no strong
    /// ETag: the length of what is compressed tells of its content (RFC 9110 §8.8.3.3, BREACH).
    /// </summary>
    public static RouteHandlerBuilder Compresses(this RouteHandlerBuilder route) => route.WithMetadata(new IsCompressed());
}

/// <summary>Marks a route whose answers are compressed.</summary>
internal sealed record IsCompressed;
