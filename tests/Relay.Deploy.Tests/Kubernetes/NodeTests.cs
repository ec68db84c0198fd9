using System.Text.Json;
using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What makes a relay in Kubernetes drain before it goes.</summary>
[Trait("Needs", "Processes")]
public class NodeTests
{
    [Theory]
    [InlineData("single")]
    [InlineData("fleet")]
    [InlineData("fleet-evictable")]
    public async Task Node_GracePeriod_IsLongerThanItsDrains(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var pod = Node(overlay).Pod;
        var container = Assert.Single(pod.Containers);
        var config = JsonDocument.Parse(Assert.Single(overlay.All<V1ConfigMap>()).Data["relay-node.json"]).RootElement;
        var own = config.GetProperty("graceful-shutdown-timeout-secs").GetInt32();
        var fleet = container.Lifecycle?.PreStop is null ? 0 : int.Parse(
            container.Env.Single(static one => one.Name == "RELAY_DRAIN_DEADLINE_SECONDS").Value);
        Assert.True(pod.TerminationGracePeriodSeconds >= own + fleet + 15, $"{own} + {fleet}");
    }

    [Theory]
    [InlineData("fleet")]
    [InlineData("fleet-evictable")]
    public async Task Node_InAFleet_IsDrainedByItsPreStopHook(string name)
    {
        var container = Assert.Single(Node(await Overlay.BuildAsync(name)).Pod.Containers);
        Assert.Equal(["/opt/relayfleet/prestop.sh"], container.Lifecycle.PreStop.Exec.Command);
        var names = container.Env.Select(static one => one.Name).ToHashSet();
        Assert.Superset(
            new HashSet<string> { "RELAY_NODE_ID", "RELAY_ADMIN_URL", "RELAY_FLEET_TOKEN_FILE", "RELAY_FLEET_CA" },
            names);
    }

    [Theory]
    [InlineData("single")]
    [InlineData("fleet")]
    public async Task Node_Updates_TakeOneMachineAtATime(string name)
    {
        var set = Assert.Single((await Overlay.BuildAsync(name)).All<V1DaemonSet>());
        Assert.Equal("1", set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable.Value);
        Assert.True(set.Spec.Template.Spec.HostNetwork);
        Assert.Equal("ClusterFirstWithHostNet", set.Spec.Template.Spec.DnsPolicy);
    }

    [Fact]
    public async Task Node_ThatCanBeEvicted_IsTheDaemonSetsPod()
    {
        var fleet = await Overlay.BuildAsync("fleet");
        var evictable = await Overlay.BuildAsync("fleet-evictable");
        Assert.Empty(evictable.All<V1DaemonSet>());
        Assert.Equal(
            k8s.KubernetesYaml.Serialize(Node(fleet).Template), k8s.KubernetesYaml.Serialize(Node(evictable).Template));
        var deployment = Assert.Single(evictable.All<V1Deployment>(), static one => one.Metadata.Name == "relay-node");
        Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxSurge.Value);
        Assert.Equal("1", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
    }

    [Fact]
    public async Task Coordinators_Replicas_AreSpreadAndMoreThanTheBudgetTakes()
    {
        var admin = Assert.Single(
            (await Overlay.BuildAsync("fleet")).All<V1Deployment>(), static one => one.Metadata.Name == "relay-admin");
        Assert.Equal(3, admin.Spec.Replicas);
        Assert.All(
            admin.Spec.Template.Spec.TopologySpreadConstraints,
            one => Assert.Equal(admin.Spec.Selector.MatchLabels, one.LabelSelector.MatchLabels));
        Assert.NotEmpty(admin.Spec.Template.Spec.TopologySpreadConstraints);
    }

    private static Workload Node(Overlay overlay) =>
        Assert.Single(overlay.Workloads, static one => one.Name == "relay-node");
}
