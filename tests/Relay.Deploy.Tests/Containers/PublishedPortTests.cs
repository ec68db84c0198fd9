using YamlDotNet.RepresentationModel;

namespace Relay.Deploy.Tests.Containers;

/// <summary>
/// The relay's port is open for HTTP/3 (UDP) and for HTTP/2 and HTTP/1.1 (TCP), in the image and in a fleet on one machine.
/// </summary>
public class PublishedPortTests
{
    [Fact]
    public void Image_PortOfUdp_IsOneOfTcpToo() => AssertPairs("the image", new Dockerfile().Ports);

    [Fact]
    public void Compose_NodesPorts_AreOfUdpAndTcpAndWhereTheyListen()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read("deploy/docker/compose.yaml")));
        var root = stream.Documents[0].RootNode;
        var listening = Texts(root["x-node"]["command"])
            .Single(static one => one.StartsWith("--address=", StringComparison.Ordinal));
        var nodes = ((YamlMappingNode)root["services"])
            .Where(static one => $"{one.Key}".StartsWith("node-", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(nodes);
        foreach (var (name, service) in nodes)
        {
            var ports = Texts(service["ports"]).ToList();
            AssertPairs($"{name}", ports);
            var advertised = $"{service["environment"]["RELAY_ADVERTISE_ADDRESS"]}";
            // Clients over TCP are sent to the port that is mapped, and not to the container's own.
            Assert.EndsWith($":{service["environment"]["RELAY_ALT_SVC"]}", advertised, StringComparison.Ordinal);
            Assert.All(ports, port => Assert.Matches($"^{advertised}:{listening.Split(':')[^1]}/(udp|tcp)$", port));
        }
    }

    private static void AssertPairs(string place, IReadOnlyCollection<string> ports)
    {
        var datagrams = ports.Where(static one => one.EndsWith("/udp", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(datagrams);
        Assert.All(datagrams, one => Assert.True(
            ports.Contains(one.Replace("/udp", "/tcp", StringComparison.Ordinal)), $"{place} has {one} alone"));
    }

    private static IEnumerable<string> Texts(YamlNode node) => ((YamlSequenceNode)node).Select(static one => $"{one}");
}
