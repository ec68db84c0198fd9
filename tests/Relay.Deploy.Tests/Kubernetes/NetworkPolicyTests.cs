using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>Who reaches whom in a fleet, by its NetworkPolicies.</summary>
[Trait("Needs", "Processes")]
public class NetworkPolicyTests
{
    private const string Anyone = "anyone";

    /// <summary>Each that is needed, and of each kind one that is not.</summary>
    [Theory]
    [InlineData("relay-admin", "relay-admin", 11111, true)]
    [InlineData("relay-admin", "redis", 6379, true)]
    [InlineData("relay-admin", "redis", 26379, true)]
    [InlineData("relay-admin", Anyone, 443, true)]
    [InlineData("relay-admin", Anyone, 6443, true)]
    [InlineData("relay-admin", Anyone, 6379, true)]
    [InlineData("relay-admin", Anyone, 22, false)]
    [InlineData("redis", "redis", 6379, true)]
    [InlineData("redis", "redis", 26379, true)]
    [InlineData("redis", "relay-admin", 11111, false)]
    [InlineData("redis", Anyone, 443, false)]
    [InlineData(Anyone, "relay-admin", 8480, true)]
    [InlineData(Anyone, "relay-admin", 11111, false)]
    [InlineData(Anyone, "redis", 6379, false)]
    [InlineData(Anyone, "redis", 26379, false)]
    public async Task Fleet_WhoIsToReachWhom_Does(string from, string to, int port, bool isAllowed) =>
        Assert.Equal(isAllowed, IsAllowed(await Overlay.BuildAsync("fleet"), from, to, port, "TCP"));

    [Theory]
    [InlineData("relay-admin", 53)]
    [InlineData("relay-admin", 5353)]
    [InlineData("redis", 53)]
    [InlineData("redis", 5353)]
    public async Task Pods_AskForNames(string from, int port)
    {
        var overlay = await Overlay.BuildAsync("fleet");
        Assert.True(IsAllowed(overlay, from, Anyone, port, "UDP"));
        Assert.True(IsAllowed(overlay, from, Anyone, port, "TCP"));
    }

    /// <summary>Whether both ends' policies let it through: each pod has some, so that what none allows is not.</summary>
    private static bool IsAllowed(Overlay overlay, string from, string to, int port, string protocol)
    {
        var policies = overlay.All<V1NetworkPolicy>().Where(static one => one.Metadata.NamespaceProperty == "relayfleet").ToList();
        return (from == Anyone || Of(from).SelectMany(static one => one.Spec.Egress ?? [])
                .Any(rule => Fits(rule.To, to) && rule.Ports.Any(one => Opens(one, isName: false))))
            && (to == Anyone || Of(to).SelectMany(static one => one.Spec.Ingress ?? [])
                .Any(rule => Fits(rule.FromProperty, from) && rule.Ports.Any(one => Opens(one, isName: true))));

        IEnumerable<V1NetworkPolicy> Of(string workload) => policies.Where(
            one => OverlayTests.Selects(one.Spec.PodSelector, overlay.Workload(workload).Labels));

        // Who is no pod of ours is among all alone.
        bool Fits(IList<V1NetworkPolicyPeer>? peers, string workload) => peers is null
            || (workload != Anyone && peers.Any(one => OverlayTests.Selects(one.PodSelector, overlay.Workload(workload).Labels)));

        // A name is one of the pod's that the policy is of; of pods elsewhere not every network knows it.
        bool Opens(V1NetworkPolicyPort one, bool isName) => (one.Protocol ?? "TCP") == protocol
            && (one.Port.Value == $"{port}" || (isName && overlay.Workload(to).Pod.Containers
                .SelectMany(static container => container.Ports).Any(named => named.Name == one.Port.Value && named.ContainerPort == port)));
    }
}
