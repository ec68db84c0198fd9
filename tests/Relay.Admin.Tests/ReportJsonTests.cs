using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Admin.Http;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Tests;

/// <summary>How reports are read.</summary>
public class ReportJsonTests
{
    private const int Sessions = 100;

    /// <summary>A coordinator of many nodes reads a hundred thousand numbers a second.</summary>
    [Fact]
    public void Parse_OfNumbers_MakesNoObjectOfEach()
    {
        var (with, without) = (Report(hasNumbers: true), Report(hasNumbers: false));

        var bytes = Allocations.Of(() => ReportsResource.Parse(with)) - Allocations.Of(() => ReportsResource.Parse(without));

        // An object has 24 bytes at least, and there are four numbers of each session.
        Assert.InRange(bytes, -Sessions, Sessions);
        Assert.Equal(4, ReportsResource.Parse(with).Sessions.Changed[7].UpstreamBytes);
    }

    /// <summary>By whichever contracts: an absent field has its property's default, and one that is not known is skipped.</summary>
    [Theory]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""")]
    [InlineData("""
        {"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving","ofTomorrow":[{"a":1}],
         "load":{"sessions":3},"totals":{},"sessions":{"to":7,"changed":[{"id":"s","identity":"anonymous","startedAt":"2026-11-25T20:42:22.294Z"}]},
         "leases":[{"pool":"edge","prefix":"2001:db8::/64","epoch":7}],"rtt":{"counts":[1,2]},"staticPrefixes":["192.0.2.0/24"],
         "drain":{"id":"d","tunnelsAtStart":1,"tunnelsLeft":1,"finished":0,"forceClosed":0},"users":{"store":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","version":7}}
        """)]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1}""")]
    [InlineData("""{"node":null,"incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving"}""")]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":1}""")]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving","leases":[{"pool":"edge"}]}""")]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1,"state":"serving","sessions":{"changed":[{"id":"s"}]}}""")]
    [InlineData("""{"node":"a","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","sequence":1.5,"state":"serving"}""")]
    public void Parse_ReadsWhatTheFleetsContractsRead(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        Assert.Equal(
            Read(() => JsonSerializer.Deserialize(bytes, FleetJson.Of<NodeReport>())),
            Read(() => JsonSerializer.Deserialize(bytes, ReportJson.Contract)));
    }

    // Written again, or where it is wrong.
    private static string Read(Func<NodeReport?> read)
    {
        try
        {
            return JsonSerializer.Serialize(read()!, FleetJson.Of<NodeReport>());
        }
        catch (JsonException exception)
        {
            return $"{exception.Path}";
        }
    }

    private static byte[] Report(bool hasNumbers)
    {
        var sessions = new JsonArray();
        for (var i = 0; i < Sessions; i++)
        {
            var session = new JsonObject { ["id"] = "session", ["identity"] = "anonymous", ["startedAt"] = "2026-11-25T20:42:22.294Z" };
            if (hasNumbers)
                (session["tunnelsOpen"], session["tunnelsTotal"], session["upstreamBytes"], session["downstreamBytes"]) = (2, 3, 4, 5);
            sessions.Add(session);
        }
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["node"] = "node-1",
            ["incarnation"] = Guid.NewGuid().ToString(),
            ["sequence"] = 1,
            ["state"] = "serving",
            ["sessions"] = new JsonObject { ["to"] = 1, ["changed"] = sessions },
        }.ToJsonString());
    }
}
