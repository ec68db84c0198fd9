using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Metadata;
using Relay.Fleet.Leases;
using Relay.Grains.Contracts;
using Relay.Grains.Membership;
using Relay.Grains.Pools;
using Relay.Grains.Tests.Stores;
using Relay.Testing.Nodes;

namespace Relay.Grains.Tests.Cluster;

/// <summary>Two versions of the program in one cluster, as a rolling upgrade has them.</summary>
[Trait("Needs", "Cluster")]
public sealed class VersionSkewTests
{
    private static readonly Type[] Interfaces = [.. typeof(GrainJson).Assembly.GetTypes()
        .Where(static type => type.IsInterface && typeof(IGrain).IsAssignableFrom(type))];

    [Fact]
    public void Interfaces_AndTheirMethods_HaveNamesAndVersionsOfTheirOwn()
    {
        Assert.NotEmpty(Interfaces);
        foreach (var type in Interfaces)
        {
            Assert.NotNull(type.GetCustomAttribute<AliasAttribute>());
            Assert.NotNull(type.GetCustomAttribute<VersionAttribute>());
            Assert.All(type.GetMethods(), static method => Assert.NotNull(method.GetCustomAttribute<AliasAttribute>()));
        }
    }

    [Fact]
    public void Messages_AreRecordsOrPlainValues()
    {
        foreach (var method in Interfaces.SelectMany(static type => type.GetMethods()))
        {
            var types = method.GetParameters().Select(static parameter => parameter.ParameterType)
                .Concat(method.ReturnType.GetGenericArguments());
            Assert.All(types, type => Assert.True(
                type == typeof(string) || type == typeof(int) || GrainJson.IsRecord(type), $"{method.Name}: {type}"));
        }
    }

    [Fact]
    public void Record_WithFieldsThatAreNotKnown_IsRead()
    {
        var lease = new LeaseGrant("edge", Prefix.Parse("2001:db8::/64"), 7, 1000);
        var answer = new PoolAnswer(new LeaseAnswer([lease], null, [], LeaseExpiry.None), []);
        var json = JsonNode.Parse(JsonSerializer.Serialize(answer, GrainJson.Options))!;
        json["ofTomorrow"] = new JsonObject { ["a"] = 1 };
        json["answer"]!["grants"]![0]!["colour"] = "red";

        var read = json.Deserialize<PoolAnswer>(GrainJson.Options);

        Assert.Equal(lease, Assert.Single(read!.Answer.Grants));
    }

    [Fact]
    public void Record_WithoutFieldsThatAreNew_HasTheirDefaults()
    {
        var standing = JsonSerializer.Deserialize<NodeStanding>("""{"facts":{}}""", GrainJson.Options);
        var record = JsonSerializer.Deserialize<PoolRecord>("{}", GrainJson.Options);
        var book = JsonSerializer.Deserialize<FleetRecord>("{}", GrainJson.Options);

        Assert.Equal((null, 1, null), (standing!.Drain, standing.Facts.Nodes, standing.Refusal));
        Assert.Equal((null, false, 0), (record!.State, record.IsConfirmed, record.Excluded.Count));
        Assert.Empty(book!.Drains);
    }

    [Fact]
    public async Task State_OfANewerVersion_IsGoneOnFrom()
    {
        var storage = new SharedStorage();
        await using var newer = await MemoryFleet.StartAsync(storage: storage);
        await newer.Fleet.TickAsync(default);
        newer.Clock.Advance(TimeSpan.FromSeconds(125));
        await newer.Fleet.PutPoolAsync(new PrefixPool
        {
            Name = "edge",
            Prefix = Prefix.Parse("2001:db8::/56"),
            BlockLength = 64,
        }, null, default);
        var holder = new SimulatedNode("edge-1") { Pools = ["edge"] };
        await holder.ReportAsync(newer.Fleet);
        var pool = newer.Grains.GetGrain<IPrefixPoolGrain>("edge").GetGrainId();
        var json = JsonNode.Parse(storage.Find("pool", pool)!)!;
        json["ofTomorrow"] = "x";
        json["state"]!["leases"]![0]!["ofTomorrow"] = 1;
        storage.Put("pool", pool, json.ToJsonString());

        await using var older = await MemoryFleet.StartAsync(storage: storage);
        older.Clock.Advance(TimeSpan.FromSeconds(125));
        var other = new SimulatedNode("edge-2") { Pools = ["edge"] };
        await Eventually.HoldsAsync(
            "a lease", () => other.ReportAsync(older.Fleet), static directive => directive.Leases.Count == 1);

        Assert.NotEqual(holder.Grants[0].Prefix, other.Grants[0].Prefix);
    }

    [Fact]
    public async Task Upgrade_InTurn_AnOlderGrainGivesWayToANewerOne_WhichAnswersOlderCallers()
    {
        // The second silo says that its interfaces are of the next version.
        await using var cluster = await TestCluster.StartAsync(silos: 2, (number, silo) =>
        {
            if (number == 1)
                silo.Services.AddSingleton<IGrainInterfacePropertiesProvider>(new NextVersion());
        });
        var (older, newer) = (cluster.Silos[0], cluster.Silos[1]);
        var node = new SimulatedNode("edge-1");
        await node.ReportAsync(cluster.FleetOf(older));
        await cluster.FleetOf(older).StartDrainAsync(new DrainRequest { Id = "d", Nodes = ["edge-1"] }, default);

        var byNewer = await node.ReportPersistentlyAsync(cluster.FleetOf(newer));
        var at = await cluster.SiloOfAsync(cluster.Grains(newer).GetGrain<INodeGrain>("edge-1"));
        var byOlder = await node.ReportPersistentlyAsync(cluster.FleetOf(older));

        Assert.Equal(newer.SiloAddress, at.SiloAddress);
        Assert.Equal(("d", "d"), (byNewer.Drain?.Id, byOlder.Drain?.Id));
    }

    private sealed class NextVersion : IGrainInterfacePropertiesProvider
    {
        public void Populate(
            Type interfaceType, GrainInterfaceType grainInterfaceType, Dictionary<string, string> properties)
        {
            if (Interfaces.Contains(interfaceType))
                properties[WellKnownGrainInterfaceProperties.Version] =
                    $"{interfaceType.GetCustomAttribute<VersionAttribute>()!.Version + 1}";
        }
    }
}
