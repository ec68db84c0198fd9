using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Apple;
using Relay.Admin.Http;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/apple-profile</c>: a configuration profile that makes Apple's devices use a relay.</summary>
internal static class AppleProfileResource
{
    /// <summary>The request's header field with the secret that the profile shall hold.</summary>
    public const string AuthorizationField = "Relay-Authorization";

    private const int MaxDomains = 200;

    private static readonly QueryParameter Relay = new("relay",
        "The relay: `HOST`, `HOST:PORT`, or an https URI template of connect-udp (RFC 9298).")
    {
        IsRequired = true,
        Example = "relay.example.com:443",
    };

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

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/apple-profile", Get)
        .WithName("getAppleProfile").WithTags("Apple profile")
        .WithSummary("A .mobileconfig for Apple devices with the relay payload")
        .WithDescription("""
            The payload is com.apple.relay.managed, for iOS 17, macOS 14, tvOS 17, visionOS 1 and later. It names the relay for
            HTTP/3, and for HTTP/2 where UDP is blocked. The same query gives the same profile, which replaces an earlier one on
            a device. It holds no secret unless the request has a `Relay-Authorization` field: its value becomes the
            `Authorization` of each request to the relay.
            """)
        .Takes(Relay, Http2, Name, Organization, MatchDomain, ExcludedDomain, CertificateUuid)
        .WithMetadata(new TakesRelayAuthorization())
        .Produces<string>(200, "application/x-apple-aspen-config").AnswersProblems();

    private static IResult Get(HttpContext http)
    {
        var query = new QueryReader(http);
        var relay = query.Text(Relay);
        string? url = null;
        if (relay is not null && !RelayAddress.TryParse(relay, out url, out var fault))
            query.Errors.Add(Relay.Name, fault);
        var certificate = query.Text(CertificateUuid);
        Guid uuid = default;
        if (certificate is not null && !Guid.TryParseExact(certificate, "D", out uuid))
            query.Errors.Add(CertificateUuid.Name, "not a UUID");
        var profile = new RelayProfile
        {
            RelayUrl = url ?? "",
            HasHttp2 = query.Text(Http2) != "false",
            DisplayName = Words(query, Name) ?? relay ?? "",
            Organization = Words(query, Organization),
            MatchDomains = Domains(query, MatchDomain),
            ExcludedDomains = Domains(query, ExcludedDomain),
            CertificateUuid = certificate is null ? null : uuid,
            Authorization = Authorization(http, query.Errors),
        };
        query.ThrowIfWrong();
        return Results.File(
            profile.ToPropertyList(), "application/x-apple-aspen-config", fileDownloadName: "relay.mobileconfig");
    }

    private static string? Words(QueryReader query, QueryParameter parameter)
    {
        var text = query.Text(parameter);
        if (text?.Any(static c => char.IsControl(c) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF') == true)
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
