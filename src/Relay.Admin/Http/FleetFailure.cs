using Microsoft.AspNetCore.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Http;

/// <summary>Puts what the fleet says into status codes.</summary>
internal static class FleetFailure
{
    /// <summary>The problem of an operation that was not done.</summary>
    public static Problem ToProblem<T>(this FleetResult<T> result)
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

    /// <summary>The answer of an operation that was not done.</summary>
    public static ProblemResult ToAnswer<T>(this FleetResult<T> result) => new(result.ToProblem());
}
