using System.Text.Json;
using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>The relay's port is open for HTTP/3 (UDP) and for HTTP/2 and HTTP/1.1 (TCP), wherever it is open at all.</summary>
[Trait("Needs", "Processes")]
public class RelayPortTests
{
    [Theory]
    [MemberData(nameof(Combinations.Plain), MemberType = typeof(Combinations))]
    public async Task Node_EveryAddressItListensOn_IsAPortOfBothProtocols(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var node = overlay.Workload("relay-node");
        var declared = PortsOf(node).Select(static one => (one.ContainerPort, one.Protocol)).ToHashSet();
        var config = JsonDocument.Parse(overlay.NodeConfig).RootElement;
        var addresses = config.GetProperty("address").EnumerateArray().Select(static one => one.GetString()!).ToList();
        Assert.NotEmpty(addresses);
        foreach (var port in addresses.Select(static one => IPEndPoint.Parse(one).Port))
        {
            Assert.Contains((port, "UDP"), declared);
            Assert.Contains((port, "TCP"), declared);
        }
    }

    [Theory]
    [MemberData(nameof(Combinations.Plain), MemberType = typeof(Combinations))]
    public async Task Places_WithAPortOfUdp_HaveTheSameOfTcp(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var places = Places(overlay).ToList();
        Assert.Contains(places, static one => one.Ports.Any(static port => port.Protocol == "UDP"));
        Assert.All(places, static one => Assert.All(
            one.Ports.Where(static port => port.Protocol == "UDP"),
            port => Assert.True(one.Ports.Contains((port.Number, "TCP")), $"{one.Name} has {port.Number} of UDP alone")));
    }

    /// <summary>All that opens ports, each rule of a policy by itself.</summary>
    private static IEnumerable<(string Name, HashSet<(string Number, string Protocol)> Ports)> Places(Overlay overlay)
    {
        foreach (var one in overlay.Workloads)
        {
            yield return (one.Name, [.. PortsOf(one).Select(static port => ($"{port.ContainerPort}", port.Protocol))]);
            yield return ($"{one.Name} on its machine", [.. PortsOf(one).Where(static port => port.HostPort is not null)
                .Select(static port => ($"{port.HostPort}", port.Protocol))]);
        }
        foreach (var one in overlay.All<V1Service>())
            yield return (one.Metadata.Name, [.. one.Spec.Ports.Select(static port => ($"{port.Port}", port.Protocol ?? "TCP"))]);
        foreach (var one in overlay.All<V1NetworkPolicy>())
        {
            var pods = overlay.Workloads.Where(pod => OverlayTests.Selects(one.Spec.PodSelector, pod.Labels) && pod.Namespace == one.Metadata.NamespaceProperty).SelectMany(PortsOf)
                .ToLookup(static port => port.Name, static port => $"{port.ContainerPort}");
            foreach (var rule in one.Spec.Ingress ?? [])
            {
                yield return (one.Metadata.Name, [.. rule.Ports.Select(
                    port => (pods[port.Port.Value].SingleOrDefault(port.Port.Value), port.Protocol ?? "TCP"))]);
            }
        }
    }

    private static IEnumerable<V1ContainerPort> PortsOf(Workload workload) =>
        workload.Pod.Containers.SelectMany(static one => one.Ports ?? []);
}
