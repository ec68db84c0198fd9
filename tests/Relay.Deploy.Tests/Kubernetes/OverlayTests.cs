using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>Every overlay: what refers to something refers to something that is there.</summary>
[Trait("Needs", "Processes")]
public partial class OverlayTests
{
    /// <summary>The Secrets that an operator makes; docs/deploying.md has a line for each.</summary>
    private static readonly string[] OperatorsSecrets =
        ["relay-node-tls", "relay-admin-tls", "relay-admin-tokens", "relay-redis"];

    public static TheoryData<string> Names => new("single", "fleet", "fleet-evictable");

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Workloads_Selectors_MatchTheirOwnPods(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        Assert.NotEmpty(overlay.Workloads);
        Assert.All(overlay.Workloads, static one => Assert.True(Selects(one.Selector, one.Labels), one.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ServicesBudgetsAndPolicies_Selectors_MatchExactlyOneWorkload(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var selectors = overlay.All<V1PodDisruptionBudget>()
            .Select(static one => (one.Metadata.Name, one.Spec.Selector))
            .Concat(overlay.All<V1NetworkPolicy>().Select(static one => (one.Metadata.Name, one.Spec.PodSelector)))
            .Concat(overlay.All<V1NetworkPolicy>().SelectMany(
                static one => one.Spec.Ingress.SelectMany(static rule => rule.FromProperty ?? []),
                static (one, peer) => (one.Metadata.Name, peer.PodSelector)))
            .Concat(overlay.All<V1Service>().Select(
                static one => (one.Metadata.Name, new V1LabelSelector { MatchLabels = one.Spec.Selector })))
            .ToList();
        Assert.NotEmpty(selectors);
        Assert.All(selectors, one => Assert.Single(
            overlay.Workloads, workload => Selects(one.Item2, workload.Labels)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Pods_ConfigMapsSecretsAndAccounts_AreThere(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var maps = overlay.All<V1ConfigMap>().Select(static one => one.Metadata.Name).ToHashSet();
        var accounts = overlay.All<V1ServiceAccount>().Select(static one => one.Metadata.Name).ToHashSet();
        foreach (var pod in overlay.Workloads.Select(static one => one.Pod))
        {
            foreach (var volume in pod.Volumes ?? [])
            {
                if (volume.ConfigMap is { } map)
                    Assert.Contains(map.Name, maps);
                if (volume.Secret is { } secret)
                    Assert.Contains(secret.SecretName, OperatorsSecrets);
            }
            foreach (var variable in pod.Containers.SelectMany(static one => one.Env ?? []))
            {
                if (variable.ValueFrom?.SecretKeyRef is { } secret)
                    Assert.Contains(secret.Name, OperatorsSecrets);
            }
            if (pod.ServiceAccountName is { } account)
                Assert.Contains(account, accounts);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Containers_MountsAndPorts_HaveNamesThatAreThere(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        foreach (var workload in overlay.Workloads)
        {
            var claims = overlay.All<V1StatefulSet>().Where(one => one.Metadata.Name == workload.Name)
                .SelectMany(static one => one.Spec.VolumeClaimTemplates ?? []).Select(static one => one.Metadata.Name);
            var volumes = (workload.Pod.Volumes ?? []).Select(static one => one.Name).Concat(claims).ToHashSet();
            foreach (var container in workload.Pod.Containers)
            {
                Assert.All(container.VolumeMounts, one => Assert.Contains(one.Name, volumes));
                var ports = container.Ports.Select(static one => one.Name).ToHashSet();
                Assert.All(ProbePorts(container), one => Assert.Contains(one, ports));
                Assert.NotNull(container.ReadinessProbe);
                Assert.NotNull(container.LivenessProbe);
            }
        }
        foreach (var service in overlay.All<V1Service>())
        {
            var ports = PortsOf(overlay, new V1LabelSelector { MatchLabels = service.Spec.Selector });
            Assert.All(service.Spec.Ports, one => Assert.Contains(one.TargetPort.Value, ports));
        }
        foreach (var policy in overlay.All<V1NetworkPolicy>())
        {
            var ports = PortsOf(overlay, policy.Spec.PodSelector);
            Assert.All(
                policy.Spec.Ingress.SelectMany(static one => one.Ports),
                one => Assert.Contains(one.Port.Value, ports));
        }
    }

    /// <summary>Nodes and coordinators are of one image, whose tag is given once an overlay.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Containers_OfOurImage_AreOfOneTag(string name)
    {
        var images = (await Overlay.BuildAsync(name)).Workloads.SelectMany(static one => one.Pod.Containers)
            .Select(static one => one.Image).Where(static one => one.StartsWith("relayfleet", StringComparison.Ordinal));
        Assert.Matches("^relayfleet:[0-9]", Assert.Single(images.Distinct()));
    }

    /// <summary>The kubelet hands on the text of a variable that stands later, or nowhere.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task Containers_VariablesInVariablesAndArguments_StandBeforeTheirUse(string name)
    {
        var used = 0;
        foreach (var container in (await Overlay.BuildAsync(name)).Workloads.SelectMany(static one => one.Pod.Containers))
        {
            var known = new HashSet<string>();
            foreach (var variable in container.Env ?? [])
            {
                Check(variable.Value ?? "", known);
                known.Add(variable.Name);
            }
            foreach (var text in (container.Command ?? []).Concat(container.Args ?? []))
                Check(text, known);
        }
        Assert.True(used > 0);

        void Check(string text, HashSet<string> known)
        {
            foreach (Match match in Variable().Matches(text))
            {
                Assert.True(known.Contains(match.Groups[1].Value), $"{match.Value} of {text} does not stand before it");
                // What is an address may be IPv6.
                Assert.Contains($"[{match.Value}]:", text, StringComparison.Ordinal);
                used++;
            }
        }
    }

    /// <summary>
    /// Nodes try each address of the coordinators' name: it has to be that of the pods, not one of the Service.
    /// </summary>
    [Theory]
    [InlineData("fleet")]
    [InlineData("fleet-evictable")]
    public async Task Coordinators_Service_IsHeadlessAndOfTheName(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var service = Assert.Single(overlay.All<V1Service>(), static one => one.Metadata.Name == "relay-admin");
        Assert.Equal("None", service.Spec.ClusterIP);
        var config = JsonDocument.Parse(Assert.Single(overlay.All<V1ConfigMap>()).Data["relay-node.json"]).RootElement;
        var url = new Uri(Assert.Single(config.GetProperty("fleet").EnumerateArray()).GetString()!);
        Assert.Equal($"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}.svc", url.Host);
        // Without an address of its own the Service maps no port to another.
        var admin = Assert.Single(overlay.Workloads, static one => one.Name == "relay-admin");
        Assert.Contains(
            url.Port, admin.Pod.Containers.SelectMany(static one => one.Ports).Select(static one => one.ContainerPort));
        Assert.Equal(url.Port, Assert.Single(service.Spec.Ports).Port);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task PodMonitor_SelectorAndPort_AreTheRelays(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var monitor = Assert.Single(overlay.Others, static one => Overlay.Text(one, "kind") == "PodMonitor");
        var label = Overlay.Text(monitor, "spec", "selector", "matchLabels", "app.kubernetes.io/name");
        var relay = Assert.Single(overlay.Workloads, one => one.Labels["app.kubernetes.io/name"] == label);
        var endpoint = ((YamlDotNet.RepresentationModel.YamlSequenceNode)monitor["spec"]["podMetricsEndpoints"])[0];
        Assert.Contains(
            Overlay.Text(endpoint, "port"), relay.Pod.Containers.SelectMany(static one => one.Ports)
                .Select(static one => one.Name));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Containers_Privileges_AreOnlyWhatTheyNeed(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        foreach (var workload in overlay.Workloads)
        {
            Assert.True(workload.Pod.SecurityContext.RunAsNonRoot, workload.Name);
            Assert.False(workload.Pod.AutomountServiceAccountToken, workload.Name);
            foreach (var container in workload.Pod.Containers)
            {
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem, container.Name);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.Equal(
                    container.Name == "relay-node" ? ["NET_BIND_SERVICE"] : [],
                    container.SecurityContext.Capabilities.Add ?? []);
                Assert.DoesNotContain("cpu", container.Resources.Limits.Keys);
                Assert.Contains("cpu", container.Resources.Requests.Keys);
            }
        }
    }

    private static HashSet<string> PortsOf(Overlay overlay, V1LabelSelector selector) =>
        [.. overlay.Workloads.Where(one => Selects(selector, one.Labels))
            .SelectMany(static one => one.Pod.Containers).SelectMany(static one => one.Ports)
            .Select(static one => one.Name)];

    private static IEnumerable<string> ProbePorts(V1Container container) =>
        ((V1Probe?[])[container.StartupProbe, container.LivenessProbe, container.ReadinessProbe])
            .Select(static one => (one?.HttpGet?.Port ?? one?.TcpSocket?.Port)?.Value)
            .OfType<string>();

    [GeneratedRegex(@"\$\(([^)]+)\)")]
    private static partial Regex Variable();

    internal static bool Selects(V1LabelSelector selector, IDictionary<string, string> labels) =>
        selector.MatchLabels is { Count: > 0 } wanted
        && wanted.All(one => labels.TryGetValue(one.Key, out var value) && value == one.Value);
}
