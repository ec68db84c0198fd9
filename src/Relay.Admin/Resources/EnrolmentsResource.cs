using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Diagnostics;
using Relay.Admin.Enrolments;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/users/{name}/enrolments</c>: links by which users get devices.</summary>
internal static class EnrolmentsResource
{
    private static readonly string NotServed =
        $"this coordinator has no {EnrolOptions.Address.Name} and {EnrolOptions.PublicUrl.Name}, where users would go";

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/users/{name}/enrolments", BeginAsync)
        .WithName("beginEnrolment").WithTags("Users").WithSummary("Makes a link by which a user gets a device, once, within ten minutes")
        .WithDescription("""
            The link is a secret, which nobody can ask for again: what is kept is its hash. Opening it uses nothing up; the button on its
            page makes the device, and shows how clients are set up with it. At most 8 of a user wait at a time. 409 as well where this
            coordinator serves no such page.
            """)
        .TakesBody<EnrolmentBody>(isOptional: true)
        .Answers<EnrolmentLink>(201).AnswersProblems(404, 409, 413, 415).ForOperators();

    private static async Task<IResult> BeginAsync(string name, HttpContext http, IFleet fleet, EnrolPlace place)
    {
        var body = await RequestBody.ReadAsync(http, FleetJson.Of<EnrolmentBody>()).ConfigureAwait(false);
        AuditDetail.Note(http, body, FleetJson.Of<EnrolmentBody>());
        if (place.Url is null)
            return new ProblemResult(Problem.Of(StatusCodes.Status409Conflict, NotServed));
        var token = EnrolmentToken.Create();
        var by = Caller.Of(http)?.Name ?? Caller.LocalName;
        var begun = await fleet.BeginEnrolmentAsync(
            name, new NewEnrolment(token.Hash, body.Device ?? NewEnrolment.UsualDevice, by), http.RequestAborted).ConfigureAwait(false);
        return begun.ToAnswer(enrolment => new JsonAnswer<EnrolmentLink>(
            LinkOf(place.LinkOf(token), enrolment), FleetJson.Of<EnrolmentLink>(), StatusCodes.Status201Created));
    }

    private static EnrolmentLink LinkOf(string url, Enrolment enrolment)
    {
        var code = QrCode.Of(url);
        return new EnrolmentLink { Url = url, ExpiresAt = enrolment.ExpiresAt, QrText = code.ToText(), QrSvg = code.ToSvg() };
    }
}
