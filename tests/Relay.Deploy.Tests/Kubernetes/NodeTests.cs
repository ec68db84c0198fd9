using System.Text.Json;
using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What makes a relay in Kubernetes drain before it goes, and what it shows to whom.</summary>
[Trait("Needs", "Processes")]
public class NodeTests
{
    [Theory]
    [MemberData(nameof(Combinations.Plain), MemberType = typeof(Combinations))]
    public async Task Node_GracePeriod_IsLongerThanItsDrains(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var pod = Node(overlay).Pod;
        var container = Assert.Single(pod.Containers);
        var own = JsonDocument.Parse(overlay.NodeConfig).RootElement.GetProperty("graceful-shutdown-timeout-secs").GetInt32();
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
    public async Task Node_Updates_TakeAPartOfTheMachinesAtATime(string name)
    {
        var set = Assert.Single((await Overlay.BuildAsync(name)).All<V1DaemonSet>());
        Assert.Equal("10%", set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable.Value);
        Assert.True(set.Spec.Template.Spec.HostNetwork);
        Assert.Equal("ClusterFirstWithHostNet", set.Spec.Template.Spec.DnsPolicy);
        // The guide says what that is in minutes.
        Assert.Equal(300, set.Spec.Template.Spec.TerminationGracePeriodSeconds);
        Assert.Contains("`maxUnavailable` (`10%`)", Repository.Read("docs/deploying.md"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_ThatCanBeEvicted_IsTheDaemonSetsPod()
    {
        var fleet = await Overlay.BuildAsync("fleet");
        var evictable = await Overlay.BuildAsync("fleet-evictable");
        Assert.Empty(evictable.All<V1DaemonSet>());
        Assert.Equal(
            k8s.KubernetesYaml.Serialize(Node(fleet).Template), k8s.KubernetesYaml.Serialize(Node(evictable).Template));
        Assert.Equal(Node(fleet).Metadata.Labels, Node(evictable).Metadata.Labels);
        var deployment = Assert.Single(evictable.All<V1Deployment>(), static one => one.Metadata.Name == "relay-node");
        Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxSurge.Value);
        Assert.Equal("10%", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
    }

    /// <summary>`kubectl drain` evicts none of a DaemonSet: a budget of it would hold up nothing but the tools that count budgets.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Budgets_AreOfWhatCanBeEvicted(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var daemons = overlay.All<V1DaemonSet>().Select(static one => one.Metadata.Name).ToHashSet();
        var budgets = overlay.All<V1PodDisruptionBudget>().Select(static one => one.Metadata.Name).ToHashSet();
        Assert.Empty(budgets.Intersect(daemons));
        Assert.Equal(
            overlay.Workloads.Select(static one => one.Name).Except(daemons).Order(StringComparer.Ordinal), budgets.Order(StringComparer.Ordinal));
    }

    /// <summary>Those of the system are for what a cluster does not run without.</summary>
    [Theory]
    [MemberData(nameof(Combinations.Plain), MemberType = typeof(Combinations))]
    public async Task Node_Priority_IsOfItsOwnClass(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var own = Assert.Single(overlay.All<V1PriorityClass>());
        Assert.Equal(own.Metadata.Name, Node(overlay).Pod.PriorityClassName);
        // "Any 32-bit integer smaller than or equal to 1 billion"; those above are the system's.
        Assert.InRange(own.Value ?? 0, 1, 1_000_000_000);
        Assert.NotEqual(true, own.GlobalDefault);
        Assert.All(overlay.Workloads, static one => Assert.False(
            one.Pod.PriorityClassName?.StartsWith("system-", StringComparison.Ordinal) ?? false, one.Name));
    }

    /// <summary>The machine faces the internet, its own address may be a public one.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Node_Metrics_AreForTheMachineItselfOrForWhoShowsAToken(string name)
    {
        var container = Assert.Single(Node(await Overlay.BuildAsync(name)).Pod.Containers);
        var variables = container.Env.ToDictionary(static one => one.Name, static one => one.Value);
        var isLoopback = variables["RELAY_METRICS_ADDRESS"] == "127.0.0.1:9464";
        Assert.Equal(name.Split('+').Contains("monitoring"), !isLoopback);
        if (!isLoopback)
        {
            Assert.Equal("[$(HOST_IP)]:9464", variables["RELAY_METRICS_ADDRESS"]);
            Assert.Contains(container.VolumeMounts, one => variables["RELAY_METRICS_TOKEN_FILE"].StartsWith(one.MountPath + "/", StringComparison.Ordinal));
        }
        // The kubelet asks where it listens: at the pod's address, which is the machine's, unless another is named.
        Assert.All(
            (V1Probe[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe],
            one => Assert.Equal(isLoopback ? "127.0.0.1" : null, one.HttpGet.Host));
    }

    [Fact]
    public async Task CoordinatorsAndRedis_Replicas_AreSpreadAndMoreThanTheBudgetTakes()
    {
        var overlay = await Overlay.BuildAsync("fleet");
        foreach (var (name, replicas) in ((string, int?)[])
            [
                ("relay-admin", Assert.Single(overlay.All<V1Deployment>()).Spec.Replicas),
                ("redis", Assert.Single(overlay.All<V1StatefulSet>()).Spec.Replicas),
            ])
        {
            var workload = overlay.Workload(name);
            Assert.Equal(3, replicas);
            Assert.All(
                workload.Pod.TopologySpreadConstraints, one => Assert.Equal(workload.Selector.MatchLabels, one.LabelSelector.MatchLabels));
            Assert.NotEmpty(workload.Pod.TopologySpreadConstraints);
            var budget = Assert.Single(overlay.All<V1PodDisruptionBudget>(), one => one.Metadata.Name == name);
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
        }
    }

    private static Workload Node(Overlay overlay) => overlay.Workload("relay-node");
}
