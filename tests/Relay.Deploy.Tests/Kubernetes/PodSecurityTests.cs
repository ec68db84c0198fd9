using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What pods may, by the profiles of https://kubernetes.io/docs/concepts/security/pod-security-standards/.</summary>
[Trait("Needs", "Processes")]
public class PodSecurityTests
{
    private const string Enforce = "pod-security.kubernetes.io/enforce";

    private static readonly string[] RestrictedVolumes =
        ["ConfigMap", "Csi", "DownwardAPI", "EmptyDir", "Ephemeral", "PersistentVolumeClaim", "Projected", "Secret"];

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Namespaces_ButThatOfRelays_AreRestricted_AndTheirPodsAre(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var profiles = overlay.All<V1Namespace>().ToDictionary(static one => one.Metadata.Name, static one => one.Metadata.Labels[Enforce]);
        Assert.Equal("relayfleet-nodes", Assert.Single(profiles, static one => one.Value == "privileged").Key);
        Assert.All(profiles.Values, static one => Assert.Contains(one, (string[])["privileged", "restricted"]));
        Assert.Equal("relay-node", Assert.Single(overlay.Workloads, static one => one.Namespace == "relayfleet-nodes").Name);
        Assert.All(overlay.Workloads.Where(one => profiles[one.Namespace] == "restricted"), static one => AssertRestricted(one.Pod));
    }

    [Theory]
    [MemberData(nameof(Combinations.All), MemberType = typeof(Combinations))]
    public async Task Containers_Privileges_AreOnlyWhatTheyNeed(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        foreach (var workload in overlay.Workloads)
        {
            var managesRoutes = workload.Name == "relay-node" && name.Contains("local-routes", StringComparison.Ordinal);
            Assert.Equal(!managesRoutes, workload.Pod.SecurityContext.RunAsNonRoot ?? false);
            Assert.False(workload.Pod.AutomountServiceAccountToken, workload.Name);
            foreach (var container in workload.Pod.Containers)
            {
                Assert.True(container.SecurityContext.ReadOnlyRootFilesystem, container.Name);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                string[] added = managesRoutes ? ["NET_BIND_SERVICE", "NET_ADMIN"] : workload.Name == "relay-node" ? ["NET_BIND_SERVICE"] : [];
                Assert.Equal(added, container.SecurityContext.Capabilities.Add ?? []);
                Assert.DoesNotContain("cpu", container.Resources.Limits.Keys);
                Assert.Contains("cpu", container.Resources.Requests.Keys);
            }
        }
    }

    private static void AssertRestricted(V1PodSpec pod)
    {
        Assert.True(pod.HostNetwork is null or false);
        Assert.True(pod.HostPID is null or false);
        Assert.True(pod.HostIPC is null or false);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.NotEqual(0, pod.SecurityContext.RunAsUser);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.All(pod.Volumes, static volume => Assert.All(
            typeof(V1Volume).GetProperties().Where(one => one.Name != "Name" && one.GetValue(volume) is not null),
            static one => Assert.Contains(one.Name, RestrictedVolumes)));
        Assert.All(pod.Containers, static one =>
        {
            Assert.False(one.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(one.SecurityContext.Privileged is null or false);
            Assert.Equal(["ALL"], one.SecurityContext.Capabilities.Drop);
            Assert.Empty(one.SecurityContext.Capabilities.Add ?? []);
            Assert.All(one.Ports, static port => Assert.Null(port.HostPort));
        });
    }
}
