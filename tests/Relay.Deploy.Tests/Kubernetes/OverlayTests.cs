using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>Every overlay, with every component: what refers to something refers to something that is there.</summary>
[Trait("Needs", "Processes")]
public partial class OverlayTests
{
    private static readonly string[] Labels = ["app.kubernetes.io/part-of", "app.kubernetes.io/component"];

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Workloads_Selectors_MatchTheirOwnPods(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        Assert.NotEmpty(overlay.Workloads);
        Assert.All(overlay.Workloads, static one => Assert.True(Selects(one.Selector, one.Labels), one.Name));
    }

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task ServicesBudgetsPoliciesAndMonitors_Selectors_MatchOneWorkloadOfTheirNamespace(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var selectors = overlay.All<V1PodDisruptionBudget>().Select(static one => (one.Metadata, one.Spec.Selector))
            .Concat(Policies(overlay).Select(static one => (one.Metadata, one.Spec.PodSelector)))
            .Concat(Policies(overlay).SelectMany(static one => Peers(one).Select(peer => (one.Metadata, peer.PodSelector))))
            .Concat(overlay.All<V1Service>().Select(
                static one => (one.Metadata, new V1LabelSelector { MatchLabels = one.Spec.Selector })))
            .ToList();
        Assert.All(selectors, one => Assert.Single(
            overlay.Workloads, workload => workload.Namespace == one.Metadata.NamespaceProperty && Selects(one.Item2, workload.Labels)));
    }

    /// <summary>Each namespace is closed, but for what a policy opens.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Namespaces_Policies_CloseThemToAll(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        foreach (var space in overlay.All<V1Namespace>().Select(static one => one.Metadata.Name))
        {
            var all = Assert.Single(overlay.All<V1NetworkPolicy>(), one =>
                one.Metadata.NamespaceProperty == space && one.Spec.PodSelector is { MatchLabels: null, MatchExpressions: null });
            Assert.Equal(["Ingress", "Egress"], all.Spec.PolicyTypes);
            Assert.Null(all.Spec.Ingress);
            Assert.Null(all.Spec.Egress);
        }
        // Relays have their machine's network, to which policies do not apply.
        Assert.All(
            overlay.Workloads.Where(static one => one.Pod.HostNetwork != true),
            workload => Assert.Contains(Policies(overlay), policy =>
                policy.Metadata.NamespaceProperty == workload.Namespace && Selects(policy.Spec.PodSelector, workload.Labels)
                && policy.Spec.PolicyTypes.Contains("Ingress") && policy.Spec.PolicyTypes.Contains("Egress")));
    }

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Pods_WhatTheyReferTo_IsThereOrMadeBySecrets(string name)
    {
        var (overlay, secrets) = (await Overlay.BuildAsync(name), await Secrets.OpenAsync());
        var spaces = overlay.All<V1Namespace>().Select(static one => one.Metadata.Name).ToHashSet();
        Assert.All(
            overlay.Objects.Cast<IMetadata<V1ObjectMeta>>().Select(static one => one.Metadata.NamespaceProperty).OfType<string>(),
            space => Assert.Contains(space, spaces));
        foreach (var workload in overlay.Workloads)
        {
            var pod = workload.Pod;
            foreach (var (kind, target, keys) in References(pod))
                AssertIsThere(workload.Namespace, kind, target, keys);
            if (pod.ServiceAccountName is { } account)
                Assert.Contains(overlay.All<V1ServiceAccount>(), one =>
                    (one.Metadata.Name, one.Metadata.NamespaceProperty) == (account, workload.Namespace));
            if (pod.PriorityClassName is { } priority)
                Assert.Contains(overlay.All<V1PriorityClass>(), one => one.Metadata.Name == priority);
        }
        // An account for those alone whose pods show whose they are.
        Assert.All(overlay.All<V1ServiceAccount>(), account => Assert.Contains(overlay.Workloads, one =>
            one.Pod.ServiceAccountName == account.Metadata.Name && one.Namespace == account.Metadata.NamespaceProperty
            && one.Pod.Volumes.SelectMany(static volume => volume.Projected?.Sources ?? []).Any(static source => source.ServiceAccountToken is not null)));
        foreach (var monitor in overlay.Others.Where(static one => Overlay.Text(one, "kind") == "PodMonitor"))
        {
            foreach (var reference in monitor.AllNodes.OfType<YamlMappingNode>()
                .Where(static one => one.Children.ContainsKey("name") && one.Children.ContainsKey("key")))
                AssertIsThere(
                    Overlay.Text(monitor, "metadata", "namespace"), "Secret", Overlay.Text(reference, "name"), [Overlay.Text(reference, "key")]);
        }

        void AssertIsThere(string space, string kind, string target, string[] keys)
        {
            // Each namespace has that of the cluster's authority.
            IEnumerable<string>? known = target == "kube-root-ca.crt" ? ["ca.crt"] : secrets.KeysOf(space, target);
            if (kind == "ConfigMap")
                known ??= overlay.All<V1ConfigMap>()
                    .SingleOrDefault(one => (one.Metadata.NamespaceProperty, one.Metadata.Name) == (space, target))?.Data.Keys;
            Assert.True(known is not null, $"there is no {kind} {target} in {space}");
            Assert.All(keys, one => Assert.Contains(one, known));
        }
    }

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Containers_MountsAndPorts_HaveNamesThatAreThere(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        foreach (var workload in overlay.Workloads)
        {
            var claims = overlay.All<V1StatefulSet>().Where(one => one.Metadata.Name == workload.Name)
                .SelectMany(static one => one.Spec.VolumeClaimTemplates ?? []).Select(static one => one.Metadata.Name);
            var volumes = (workload.Pod.Volumes ?? []).Select(static one => one.Name).Concat(claims).ToHashSet();
            Assert.Equal(volumes, workload.Pod.Containers.SelectMany(static one => one.VolumeMounts).Select(static one => one.Name).ToHashSet());
            foreach (var container in workload.Pod.Containers)
            {
                Assert.Equal(container.VolumeMounts.Count, container.VolumeMounts.Select(static one => one.MountPath).Distinct().Count());
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
        foreach (var policy in Policies(overlay))
        {
            foreach (var (peers, ports) in (policy.Spec.Ingress ?? []).Select(static one => (one.FromProperty, one.Ports))
                .Concat((policy.Spec.Egress ?? []).Select(static one => (one.To, one.Ports))))
            {
                // A name is one of a port of the pods that are reached.
                var names = policy.Spec.Ingress?.Any(one => one.Ports == ports) == true
                    ? PortsOf(overlay, policy.Spec.PodSelector) : [.. (peers ?? []).SelectMany(one => PortsOf(overlay, one.PodSelector))];
                Assert.All(ports.Where(static one => !int.TryParse(one.Port.Value, out _)), one => Assert.Contains(one.Port.Value, names));
            }
        }
    }

    /// <summary>Each image is of one tag or digest, given once for all.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Containers_Images_AreOfOneVersion(string name)
    {
        var images = (await Overlay.BuildAsync(name)).Workloads.SelectMany(static one => one.Pod.Containers)
            .Select(static one => one.Image).Distinct().ToList();
        Assert.All(images, static one => Assert.Matches(@"^(relayfleet|redis)(:\d+\.\d+\.\d+|@sha256:[0-9a-f]{64})$", one));
        Assert.Equal(images.Count, images.Select(static one => one.Split(':', '@')[0]).Distinct().Count());
        var files = Directory.EnumerateFiles(Repository.PathOf("deploy/k8s"), "*.yaml", SearchOption.AllDirectories);
        Assert.EndsWith("components/version/kustomization.yaml", Assert.Single(
            files, static one => File.ReadAllText(one).Contains("newTag:", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>The kubelet hands on the text of a variable that stands later, or nowhere.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Containers_VariablesInVariablesAndArguments_StandBeforeTheirUse(string name)
    {
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

        static void Check(string text, HashSet<string> known)
        {
            foreach (Match match in Variable().Matches(text))
            {
                Assert.True(known.Contains(match.Groups[1].Value), $"{match.Value} of {text} does not stand before it");
                // What is an address may be IPv6.
                Assert.Contains($"[{match.Value}]:", text, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>
    /// Nodes try each address of the coordinators' name: it has to be that of the pods, not one of the Service.
    /// </summary>
    [Theory]
    [MemberData(nameof(Combinations.Fleets), MemberType = typeof(Combinations))]
    public async Task Coordinators_Service_IsHeadlessAndOfTheName(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var service = Assert.Single(overlay.All<V1Service>(), static one => one.Metadata.Name == "relay-admin");
        Assert.Equal("None", service.Spec.ClusterIP);
        var config = JsonDocument.Parse(overlay.NodeConfig).RootElement;
        var url = new Uri(Assert.Single(config.GetProperty("fleet").EnumerateArray()).GetString()!);
        Assert.Equal($"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}.svc", url.Host);
        // Without an address of its own the Service maps no port to another.
        Assert.Contains(
            url.Port, overlay.Workload("relay-admin").Pod.Containers.SelectMany(static one => one.Ports).Select(static one => one.ContainerPort));
        Assert.Equal(url.Port, Assert.Single(service.Spec.Ports).Port);
    }

    /// <summary>Without it a failover loses grants (docs/fleet.md, "What Redis is to keep").</summary>
    [Theory]
    [MemberData(nameof(Combinations.Fleets), MemberType = typeof(Combinations))]
    public async Task Coordinators_Promises_AreAtAReplicaToo(string name) => Assert.Contains(
        "--redis-replicas=1", Assert.Single((await Overlay.BuildAsync(name)).Workload("relay-admin").Pod.Containers).Args);

    /// <summary>A cluster without the Prometheus operator, or cert-manager, knows nothing of their kinds.</summary>
    [Theory]
    [MemberData(nameof(Combinations.Plain), MemberType = typeof(Combinations))]
    public async Task Overlays_WithoutComponents_HaveKindsThatEveryClusterKnows(string name) =>
        Assert.Empty((await Overlay.BuildAsync(name)).Others);

    [Theory]
    [InlineData("single+monitoring", "relay-node")]
    [InlineData("fleet+monitoring", "relay-node")]
    [InlineData("fleet-evictable+monitoring", "relay-node")]
    [InlineData("fleet+monitoring-coordinators", "relay-admin")]
    public async Task PodMonitor_SelectorAndPort_AreTheWorkloads(string name, string workload)
    {
        var overlay = await Overlay.BuildAsync(name);
        var monitor = Assert.Single(overlay.Others, static one => Overlay.Text(one, "kind") == "PodMonitor");
        var scraped = overlay.Workload(workload);
        Assert.Equal(scraped.Namespace, Overlay.Text(monitor, "metadata", "namespace"));
        Assert.Equal(
            scraped.Labels["app.kubernetes.io/name"], Overlay.Text(monitor, "spec", "selector", "matchLabels", "app.kubernetes.io/name"));
        var endpoint = ((YamlSequenceNode)monitor["spec"]["podMetricsEndpoints"])[0];
        Assert.Contains(
            Overlay.Text(endpoint, "port"), scraped.Pod.Containers.SelectMany(static one => one.Ports).Select(static one => one.Name));
    }

    /// <summary>The labels that tools group by: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/.</summary>
    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Objects_Each_HasTheLabelsByConvention(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        Assert.All(overlay.Objects.Cast<IMetadata<V1ObjectMeta>>(), static one => AssertLabels(one.Metadata.Name, one.Metadata.Labels));
        Assert.All(overlay.Others, static one => AssertLabels(
            Overlay.Text(one, "metadata", "name"),
            ((YamlMappingNode)one["metadata"]["labels"]).ToDictionary(static pair => $"{pair.Key}", static pair => $"{pair.Value}")));
        Assert.All(overlay.Workloads, static one => AssertLabels(one.Name, one.Labels));
        Assert.All(overlay.Workloads, static one => Assert.Equal(one.Name, one.Labels["app.kubernetes.io/name"]));
        Assert.All(
            overlay.Workloads.Where(static one => one.Name != "redis"),
            static one => Assert.Equal(
                one.Pod.Containers[0].Image.Split(':')[^1], one.Metadata.Labels["app.kubernetes.io/version"]));

        static void AssertLabels(string name, IDictionary<string, string> labels)
        {
            Assert.All(Labels, one => Assert.True(labels.ContainsKey(one), $"{name}: {one}"));
            Assert.Equal("relayfleet", labels["app.kubernetes.io/part-of"]);
        }
    }

    [Fact]
    public void Components_Each_IsCombinedWithAnOverlay() => Assert.Equal(
        Directory.EnumerateDirectories(Repository.PathOf("deploy/k8s/components")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
        Combinations.Components.Order(StringComparer.Ordinal));

    /// <summary>Who deploys from git runs no script.</summary>
    [Theory]
    [InlineData("alerts")]
    [InlineData("dashboards")]
    public async Task GeneratedComponents_MadeAgain_AreTheSame(string component)
    {
        var path = $"k8s/components/{component}/generated.yaml";
        Assert.Equal(await File.ReadAllTextAsync((await DeployTree.OpenAsync()).File(path)), Repository.Read($"deploy/{path}"));
    }

    /// <summary>Policies of some pods; those of all are another test's.</summary>
    private static IEnumerable<V1NetworkPolicy> Policies(Overlay overlay) =>
        overlay.All<V1NetworkPolicy>().Where(static one => one.Spec.PodSelector.MatchLabels is not null);

    private static IEnumerable<V1NetworkPolicyPeer> Peers(V1NetworkPolicy policy) => (policy.Spec.Ingress ?? [])
        .SelectMany(static one => one.FromProperty ?? []).Concat((policy.Spec.Egress ?? []).SelectMany(static one => one.To ?? []));

    /// <summary>The Secrets and ConfigMaps that a pod needs, each with the keys that it takes by name.</summary>
    private static IEnumerable<(string Kind, string Name, string[] Keys)> References(V1PodSpec pod)
    {
        foreach (var volume in pod.Volumes ?? [])
        {
            if (volume.ConfigMap is { } map)
                yield return ("ConfigMap", map.Name, Keys(map.Items));
            if (volume.Secret is { } secret)
                yield return ("Secret", secret.SecretName, Keys(secret.Items));
            foreach (var projected in (volume.Projected?.Sources ?? []).Select(static one => one.ConfigMap).OfType<V1ConfigMapProjection>())
                yield return ("ConfigMap", projected.Name, Keys(projected.Items));
        }
        foreach (var from in pod.Containers.SelectMany(static one => one.Env ?? []).Select(static one => one.ValueFrom?.SecretKeyRef))
        {
            if (from is not null)
                yield return ("Secret", from.Name, [from.Key]);
        }

        static string[] Keys(IList<V1KeyToPath>? items) => [.. (items ?? []).Select(static one => one.Key)];
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
