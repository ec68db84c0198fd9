using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Relay.Admin.Http;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Hosting.Fleet;

namespace Relay.Admin.Resources;

/// <summary><c>/v1/relay</c>: where clients find the fleet.</summary>
internal static class RelayResource
{
    /// <summary>Which relay is meant.</summary>
    public static readonly QueryParameter Relay = new("relay",
        "The relay: `HOST`, `HOST:PORT`, or an https URI template of connect-udp (RFC 9298). Absent for the fleet's own, `--public-relay`.")
    {
        Example = "relay.example.com:443",
    };

    /// <summary>Adds its route.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/relay", Get)
        .WithName("getRelay").WithTags("Clients").WithSummary("Where clients find the fleet")
        .WithDescription("The relay's public name, taken apart for the configuration of clients.")
        .Takes(Relay)
        .Answers<RelayInfo>().AnswersProblems();

    private static JsonAnswer<RelayInfo> Get(HttpContext http, AdminConfig config)
    {
        var query = new QueryReader(http);
        TryRead(query, config, out var relay);
        query.ThrowIfWrong();
        return Answer.Ok(relay!.ToInfo(), FleetJson.Of<RelayInfo>());
    }

    /// <summary>The relay that a query names, or the fleet's own; what is wrong is noted.</summary>
    public static bool TryRead(QueryReader query, AdminConfig config, [NotNullWhen(true)] out RelayAddress? relay)
    {
        relay = config.Profiles.Relay;
        if (query.Text(Relay) is { } text)
        {
            if (!RelayAddress.TryParse(text, out relay, out var fault))
                query.Errors.Add(Relay.Name, fault);
        }
        else if (relay is null)
            query.Errors.Add(Relay.Name, NotKnown);
        return relay is not null;
    }

    /// <summary>What is wrong where the fleet's relay is meant and not known.</summary>
    public static readonly string NotKnown = $"required: the coordinator has no {ProfileOptions.Relay.Name}";
}
