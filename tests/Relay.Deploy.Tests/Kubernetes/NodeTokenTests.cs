using k8s.Models;
using Relay.Admin;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>Each node has a token of its own: its pod's, which coordinators may have reviewed, and nothing else.</summary>
[Trait("Needs", "Processes")]
public class NodeTokenTests
{
    [Theory]
    [InlineData("fleet")]
    [InlineData("fleet-evictable")]
    public async Task Node_ShowsItsPodsToken_ForTheCoordinatorsAudienceAndAccount(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var node = overlay.Workload("relay-node").Pod;
        var container = Assert.Single(node.Containers);
        var path = container.Env.Single(static one => one.Name == "RELAY_FLEET_TOKEN_FILE").Value;
        var mount = Assert.Single(container.VolumeMounts, one => path.StartsWith(one.MountPath + "/", StringComparison.Ordinal));
        var projected = Assert.Single(Assert.Single(node.Volumes, one => one.Name == mount.Name).Projected.Sources).ServiceAccountToken;

        Assert.Equal(path, $"{mount.MountPath}/{projected.Path}");
        Assert.Equal(KubernetesConfig.UsualAudience, projected.Audience);
        Assert.InRange(projected.ExpirationSeconds!.Value, 600, 3600);
        var arguments = Coordinators(overlay).Containers.Single().Args;
        Assert.Contains($"--kubernetes-account=relayfleet-nodes:{node.ServiceAccountName}", arguments);
        Assert.DoesNotContain(arguments, static one => one.StartsWith("--kubernetes-audience", StringComparison.Ordinal));
        Assert.Equal("spec.nodeName", container.Env.Single(static one => one.Name == "RELAY_NODE_ID").ValueFrom.FieldRef.FieldPath);
    }

    [Theory]
    [InlineData("fleet")]
    [InlineData("fleet-evictable")]
    public async Task Coordinators_MayReviewTokens_AndNothingElse(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var pod = Coordinators(overlay);

        var binding = Assert.Single(overlay.All<V1ClusterRoleBinding>());
        var subject = Assert.Single(binding.Subjects);
        Assert.Equal(("relayfleet", pod.ServiceAccountName), (subject.NamespaceProperty, subject.Name));
        var role = Assert.Single(overlay.All<V1ClusterRole>());
        Assert.Equal(binding.RoleRef.Name, role.Metadata.Name);
        var rule = Assert.Single(role.Rules);
        Assert.Equal(("authentication.k8s.io", "tokenreviews", "create"), (rule.ApiGroups.Single(), rule.Resources.Single(), rule.Verbs.Single()));
        var mount = Assert.Single(pod.Containers.Single().VolumeMounts, static one => one.MountPath == KubernetesConfig.UsualFolder);
        var sources = Assert.Single(pod.Volumes, one => one.Name == mount.Name).Projected.Sources;
        Assert.Equal(["token"], sources.Select(static one => one.ServiceAccountToken?.Path).OfType<string>());
        Assert.Equal(["ca.crt"], sources.SelectMany(static one => one.ConfigMap?.Items ?? []).Select(static one => one.Path));
    }

    private static V1PodSpec Coordinators(Overlay overlay) =>
        overlay.Workload("relay-admin").Pod;
}
