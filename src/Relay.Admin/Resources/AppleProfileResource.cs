using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Apple;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Resources;

/// <summary>
/// <c>/v1/apple-profile</c> and <c>/v1/apple-declarations</c>: what makes Apple's devices use a relay.
/// </summary>
internal static class AppleProfileResource
{
    /// <summary>The request's header field with the secret that the profile shall hold.</summary>
    public const string AuthorizationField = "Relay-Authorization";

    private const int MaxDomains = 200;

    private static readonly QueryParameter Http2 = new("http2",
        "`false`: the relay answers HTTP/3 alone (`--no-tcp`), and the profile does not name it for HTTP/2.")
    {
        Choices = ["true", "false"],
    };

    private static readonly QueryParameter Name =
        new("name", "What the user sees; absent for the relay's name.") { MaxLength = 100, Example = "Example relay" };

    private static readonly QueryParameter Organization =
        new("organization", "Whose profile it is, for the user.") { MaxLength = 100 };

    private static readonly QueryParameter MatchDomain = new("matchDomain",
        "A domain that goes through the relay, with all below it; may be given more than once. Without any, everything does.")
    {
        IsRepeatable = true,
        Example = "example.com",
    };

    private static readonly QueryParameter ExcludedDomain = new("excludedDomain",
        "A domain that does not go through the relay, with all below it; may be given more than once.")
    {
        IsRepeatable = true,
        Example = "cdn.example.com",
    };

    private static readonly QueryParameter CertificateUuid = new("certificateUuid", """
        The PayloadUUID of an identity certificate that will be put into the same profile; the device shows it to the relay.
        """)
    {
        Format = "uuid",
    };

    /// <summary>Adds its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/apple-profile", Get)
            .WithName("getAppleProfile").WithTags("Clients")
            .WithSummary("A .mobileconfig for Apple devices with the relay payload")
            .WithDescription("""
                The payload is com.apple.relay.managed, for iOS 17, macOS 14, tvOS 17, visionOS 1 and later. It names the relay for
                HTTP/3, and for HTTP/2 where UDP is blocked. The same query gives the same profile, which replaces an earlier one on
                a device. It holds no secret unless the request has a `Relay-Authorization` field: its value becomes the
                `Authorization` of each request to the relay. Where the coordinator signs profiles, those of other relays than the
                fleet's own are made by POST alone, and all that is more than `relay` and `http2` is for operators.
                """)
            .Takes(RelayResource.Relay, Http2, Name, Organization, MatchDomain, ExcludedDomain, CertificateUuid)
            .WithMetadata(new TakesRelayAuthorization())
            .Produces<string>(200, RelaySettings.ProfileType).AnswersProblems();
        routes.MapPost("/apple-profile", PostAsync)
            .WithName("makeAppleProfile").WithTags("Clients")
            .WithSummary("The same with all that the payload can say")
            .WithDescription("""
                One relay or a chain of two, header fields, domains and hosts, authorities to trust, an identity (PKCS #12, ACME, SCEP, or
                one that is there already), expiry, a text to agree to. Nothing of it is kept.
                """)
            .TakesBody<AppleProfileBody>()
            .Produces<string>(200, RelaySettings.ProfileType).AnswersProblems(413, 415).ForOperators();
        routes.MapPost("/apple-declarations", DeclareAsync)
            .WithName("makeAppleDeclarations").WithTags("Clients")
            .WithSummary("The same as declarations, for iOS 27, macOS 27, visionOS 27 and later")
            .WithDescription("""
                com.apple.configuration.network.relay with its assets, for a server of declarative device management; `data` is what is to
                be served where the assets refer to. Nothing of it is kept.
                """)
            .TakesBody<AppleRelayBody>()
            .Answers<AppleDeclarations>().AnswersProblems(413, 415).ForOperators();
    }

    private static IResult Get(HttpContext http, AdminConfig config, ProfileSigning signing, TimeProvider clock)
    {
        var query = new QueryReader(http);
        RelayResource.TryRead(query, config, out var relay);
        var certificate = query.Text(CertificateUuid);
        Guid uuid = default;
        if (certificate is not null && !Guid.TryParseExact(certificate, "D", out uuid))
            query.Errors.Add(CertificateUuid.Name, "not a UUID");
        var authorization = Authorization(http, query.Errors);
        var settings = new RelaySettings
        {
            Relays =
            [
                new RelayHop(relay?.Template, query.Text(Http2) == "false" ? null : relay?.Template,
                    authorization is null ? new() : new Dictionary<string, string> { ["Authorization"] = authorization },
                    UsesIdentity: true),
            ],
            Name = Words(query, Name) ?? relay?.Text ?? "",
            Organization = Words(query, Organization),
            MatchDomains = Domains(query, MatchDomain),
            ExcludedDomains = Domains(query, ExcludedDomain),
            Identity = certificate is null ? null : new AppleIdentity { Reference = RelaySettings.TextOf(uuid) },
        };
        query.ThrowIfWrong();
        // A signature says that a profile is the organization's. What leads elsewhere leaves a line of who asked for it, as no GET does;
        // and a viewer has no texts, domains or credentials of its own choice signed.
        if (signing.IsOn && relay != config.Profiles.Relay)
            return Answer.Forbidden(http, "signed profiles of other relays than the fleet's own are made by POST (--settings of relayctl)");
        if (signing.IsOn && Caller.Of(http)?.Token is { Role: not AdminRole.Operator } && !IsBare(settings, query))
            return Answer.Forbidden(http, "signed profiles that say more than the fleet's relay are for operators");
        return Profile(settings, signing, clock);
    }

    private static bool IsBare(RelaySettings settings, QueryReader query) =>
        query.Text(Name) is null && settings is { Organization: null, MatchDomains: [], ExcludedDomains: [], Identity: null }
        && settings.Relays[0].Headers.Count == 0;

    private static async Task<IResult> PostAsync(HttpContext http, AdminConfig config, ProfileSigning signing, TimeProvider clock)
    {
        var body = await RequestBody.ReadAsync(http, AppleJson.Of<AppleProfileBody>()).ConfigureAwait(false);
        if (body.ExpiresAt <= clock.GetUtcNow())
            return new ProblemResult(Problem.Invalid("expiresAt", "is over already"));
        return Profile(Noted(http, SettingsOf(body, config)), signing, clock);
    }

    private static async Task<IResult> DeclareAsync(HttpContext http, AdminConfig config)
    {
        var body = await RequestBody.ReadAsync(http, AppleJson.Of<AppleRelayBody>()).ConfigureAwait(false);
        return Answer.Ok(Noted(http, SettingsOf(body, config)).ToDeclarations(), AppleJson.Of<AppleDeclarations>());
    }

    private static RelaySettings SettingsOf(AppleRelayBody body, AdminConfig config) =>
        body.ToSettings(config.Profiles.Relay) ?? throw new ProblemException(Problem.Invalid("relays", RelayResource.NotKnown));

    private static RelaySettings Noted(HttpContext http, RelaySettings settings)
    {
        AuditDetail.Note(http, RelayNote.Of(settings), AppleJson.Of<RelayNote>());
        return settings;
    }

    private static IResult Profile(RelaySettings settings, ProfileSigning signing, TimeProvider clock) => Results.File(
        signing.Finish(settings.ToPropertyList(), clock.GetUtcNow()), RelaySettings.ProfileType, fileDownloadName: "relay.mobileconfig");

    private static string? Words(QueryReader query, QueryParameter parameter)
    {
        var text = query.Text(parameter);
        if (text is not null && !AppleText.IsText(text, parameter.MaxLength))
            query.Errors.Add(parameter.Name, "a character in it that a name cannot have");
        return text;
    }

    private static List<string> Domains(QueryReader query, QueryParameter parameter)
    {
        var domains = query.Texts(parameter).Select(static text => text.ToLowerInvariant()).Distinct().ToList();
        if (domains.Count > MaxDomains)
            query.Errors.Add(parameter.Name, $"more than {MaxDomains}");
        if (domains.FirstOrDefault(static domain => !RelayAddress.IsDomain(domain)) is { } wrong)
            query.Errors.Add(parameter.Name, $"'{wrong}' is not a domain in ASCII, such as example.com");
        return domains;
    }

    // In a field of its own and not in the query: addresses end up in logs and histories.
    private static string? Authorization(HttpContext http, FieldErrors errors)
    {
        var field = http.Request.Headers[AuthorizationField];
        if (field.Count == 0)
            return null;
        var text = field.ToString();
        if (field.Count > 1 || text.Length is 0 or > 4096 || text.Any(static c => c is < ' ' or > '~')
            || !(text.StartsWith("Bearer ", StringComparison.Ordinal)
                || text.StartsWith("Basic ", StringComparison.Ordinal)))
            errors.Add(AuthorizationField, "not Bearer or Basic credentials");
        return text;
    }
}

/// <summary>Marks the route that takes <c>Relay-Authorization</c>, for the API's description.</summary>
internal sealed record TakesRelayAuthorization;
