using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Relay.Admin.Apple;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;
using Relay.Hosting.Credentials;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Enrolments;

/// <summary>
/// Answers who comes by a link. Reading changes nothing, however often and by whatever program; one POST makes the device, and those that
/// come with what it made get a profile of it.
/// </summary>
internal sealed class EnrolEndpoint(
    IFleet fleet, EnrolmentLookup lookup, AdminConfig config, ProfileSigning signing, FailureLimiter<string> failures, Refusals refusals,
    AuditLog audit, TimeProvider clock)
{
    private const int MaxForm = 4 << 10;

    private readonly RelayAddress _relay = config.Profiles.Relay!;
    private readonly string? _authority = config.Enrol.PublicUrl is { } url ? new Uri(url).Authority : null;

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        var isRead = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
        if (http.Features.Get<EnrolRequest>() is not { Part: "" or EnrolRequest.ProfilePart } asked)
            await WriteAsync(http, StatusCodes.Status404NotFound, OfferPage.Unknown()).ConfigureAwait(false);
        else if (!HttpMethods.IsPost(http.Request.Method) && !(isRead && asked.Part.Length == 0))
            await RefuseMethodAsync(http, asked.Part.Length == 0).ConfigureAwait(false);
        else if (!isRead && PageOrigin.IsForeign(http.Request, _authority))
            await WriteAsync(http, StatusCodes.Status403Forbidden, OfferPage.Problem(
                "Not from here", "The request comes from a page of somebody else. Open the link itself, in a current browser."))
                .ConfigureAwait(false);
        else if (await lookup.FindAsync(asked.Token, http.RequestAborted).ConfigureAwait(false) is not { } enrolment)
            await RefuseGuessAsync(http).ConfigureAwait(false);
        else if (asked.Part == EnrolRequest.ProfilePart)
            await GiveProfileAsync(http, enrolment).ConfigureAwait(false);
        else if (enrolment.Used is not null)
            await WriteAsync(http, StatusCodes.Status410Gone, OfferPage.Used(enrolment)).ConfigureAwait(false);
        else if (isRead)
            await WriteAsync(http, StatusCodes.Status200OK, OfferPage.Of(enrolment, config.FleetName, _relay.Text)).ConfigureAwait(false);
        else
            await UseAsync(http, new EnrolmentToken(asked.Token)).ConfigureAwait(false);
    }

    /// <summary>Writes a page.</summary>
    public static Task WriteAsync(HttpContext http, int status, string page)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.WriteAsync(page, http.RequestAborted);
    }

    private async Task UseAsync(HttpContext http, EnrolmentToken token)
    {
        var (device, secret) = DeviceSecret.Create(NewEnrolment.UsualDevice, expiresAt: null);
        // Neither who asks nor a timeout ends it from here on: what is made is shown. The fleet has timeouts of its own.
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        var used = await fleet.UseEnrolmentAsync(new EnrolmentUse(token.Hash, device.Id, device.Sha256), CancellationToken.None)
            .ConfigureAwait(false);
        if (used.Value is { } enrolment)
        {
            audit.Enrolled(http, enrolment);
            await WriteAsync(http, StatusCodes.Status200OK, DevicePage.Of(enrolment, token, secret, _relay.ToInfo())).ConfigureAwait(false);
            return;
        }
        if (used.Status == FleetStatus.Unavailable)
            throw new FleetUnavailableException(used.Detail ?? "nobody answers");
        // Somebody was faster, or it is over; otherwise there is no room for a device.
        var now = await lookup.FindAsync(token.Text, http.RequestAborted).ConfigureAwait(false);
        await (now switch
        {
            null => RefuseGuessAsync(http),
            { Used: not null } => WriteAsync(http, StatusCodes.Status410Gone, OfferPage.Used(now)),
            _ => WriteAsync(http, StatusCodes.Status409Conflict, OfferPage.Problem(
                "No device was made", $"{used.Detail}. Ask {now.By}; the link can still be used.")),
        }).ConfigureAwait(false);
    }

    // Of nothing but what the enrolment has made: nobody has a profile of his own choice signed.
    private async Task GiveProfileAsync(HttpContext http, Enrolment enrolment)
    {
        var secret = await ReadSecretAsync(http).ConfigureAwait(false);
        if (enrolment.Used is not { } device || secret is null || DeviceSecret.HashOf(secret) != device.Sha256)
        {
            await RefuseGuessAsync(http).ConfigureAwait(false);
            return;
        }
        var settings = new RelaySettings
        {
            Name = _relay.Text,
            Relays = [new RelayHop(
                _relay.Template, _relay.Template, new Dictionary<string, string> { ["Authorization"] = $"Bearer {secret}" }, UsesIdentity: false)],
        };
        var profile = signing.Finish(settings.ToPropertyList(), clock.GetUtcNow());
        http.Response.ContentType = RelaySettings.ProfileType;
        http.Response.ContentLength = profile.Length;
        http.Response.Headers.ContentDisposition = "attachment; filename=relay.mobileconfig";
        await http.Response.Body.WriteAsync(profile, http.RequestAborted).ConfigureAwait(false);
    }

    private static async Task<string?> ReadSecretAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength is not (> 0 and <= MaxForm))
            return null;
        try
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
            return form["secret"] is [{ Length: > 0 } secret] ? secret : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    // A link that works does so whatever others of its source have tried.
    private Task RefuseGuessAsync(HttpContext http)
    {
        refusals.Count(Refusal.WrongEnrolment);
        audit.WrongEnrolment(http);
        if (failures.TryTake(Caller.SourceOf(http)))
            return WriteAsync(http, StatusCodes.Status404NotFound, OfferPage.Unknown());
        http.Response.Headers.RetryAfter = FailureLimiter.Interval.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return WriteAsync(http, StatusCodes.Status429TooManyRequests, OfferPage.Problem(
            "Too many links that do not work", "Wait a moment, and open the link that you were given; if it does not work then, ask for another one."));
    }

    private static Task RefuseMethodAsync(HttpContext http, bool isPage)
    {
        http.Response.Headers.Allow = isPage ? "GET, HEAD, POST" : "POST";
        return WriteAsync(http, StatusCodes.Status405MethodNotAllowed, OfferPage.Problem(
            "Not in this way", "Open the link that you were given."));
    }
}
