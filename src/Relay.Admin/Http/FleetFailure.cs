using Microsoft.AspNetCore.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Http;

/// <summary>Puts what the fleet says into status codes.</summary>
internal static class FleetFailure
{
    /// <summary>The answer of an operation: its problem where it was not done.</summary>
    /// <param name="result">What came of it.</param>
    /// <param name="done">The answer where it was.</param>
    public static IResult ToAnswer<T>(this FleetResult<T> result, Func<T, IResult> done) =>
        result.IsOk ? done(result.Value!) : new ProblemResult(ProblemOf(result));

    private static Problem ProblemOf<T>(FleetResult<T> result)
    {
        var detail = result.Detail ?? "the fleet gave no reason";
        return result.Status switch
        {
            FleetStatus.NotFound => Problem.NotFound(detail),
            FleetStatus.Conflict => Problem.Of(StatusCodes.Status409Conflict, detail),
            FleetStatus.Invalid => Problem.Invalid(result.Field ?? "", detail),
            FleetStatus.PreconditionFailed => Problem.Of(StatusCodes.Status412PreconditionFailed, detail),
            FleetStatus.Unavailable => Problem.Unavailable(detail),
            _ => Problem.Of(StatusCodes.Status500InternalServerError, null),
        };
    }
}
