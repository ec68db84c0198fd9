using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What the overlays tell the programs, by the programs' own word, with what secrets.sh makes.</summary>
[Trait("Needs", "Processes")]
public sealed partial class SettingsTests : IDisposable
{
    private readonly ScratchFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("single", "relay-node")]
    [InlineData("single+monitoring+alerts+dashboards+local-routes", "relay-node")]
    [InlineData("fleet", "relay-node")]
    [InlineData("fleet", "relay-admin")]
    [InlineData("fleet-evictable+monitoring+alerts+dashboards+local-routes+monitoring-coordinators+cert-manager+both-namespaces", "relay-node")]
    [InlineData("fleet-evictable+monitoring+alerts+dashboards+local-routes+monitoring-coordinators+cert-manager+both-namespaces", "relay-admin")]
    public async Task Program_WithItsManifest_FindsNothingWrong(string name, string program)
    {
        var overlay = await Overlay.BuildAsync(name);
        var pod = overlay.Workload(program).Pod;
        var container = Assert.Single(pod.Containers);
        // By the image's entry.
        Assert.Null(container.Command);
        Assert.Equal($"/opt/relayfleet/{program}", container.Args[0]);
        await WriteFilesAsync(overlay, pod, container);

        var status = await ProgramAsync(
            program, [.. container.Args.Skip(1).Select(Here), "--check-config"], await EnvironmentAsync(container), out var output);
        Assert.True(status == 0, output());
        Assert.Contains("configuration ok", output(), StringComparison.Ordinal);
    }

    /// <summary>What the programs do not know of, the hook does.</summary>
    [Theory]
    [InlineData("relay-node")]
    [InlineData("relay-admin")]
    public async Task Variables_OfTheProgram_AreItsOptionsOrTheHooks(string program)
    {
        var help = await Programs.OutputOfAsync(OwnProgram.Dotnet, [.. OwnProgram.Command(program, "--help").Skip(1)]);
        var known = LongName().Matches(help)
            .Select(static one => "RELAY_" + one.Value[2..].Replace('-', '_').ToUpperInvariant()).ToHashSet();
        Assert.Contains("RELAY_CONFIG", known);
        var hook = Repository.Read("deploy/docker/prestop.sh");
        var container = Assert.Single((await Overlay.BuildAsync("fleet+monitoring")).Workload(program).Pod.Containers);
        var variables = container.Env.Select(static one => one.Name)
            .Where(static one => one.StartsWith("RELAY_", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(variables);
        Assert.All(variables, one => Assert.True(
            known.Contains(one) || (container.Lifecycle is not null && hook.Contains(one, StringComparison.Ordinal)), one));
    }

    /// <summary>What is in the environment is in crash reports, and in what a process of the pod shows of itself.</summary>
    [Fact]
    public async Task Password_OfRedis_IsInAFileAlone()
    {
        var pod = (await Overlay.BuildAsync("fleet")).Workload("relay-admin").Pod;
        var secrets = await Secrets.OpenAsync();
        var password = secrets.Text("relay-redis", "password");
        Assert.DoesNotContain(password, secrets.Text("relay-redis", "configuration"), StringComparison.Ordinal);
        var container = Assert.Single(pod.Containers);
        Assert.DoesNotContain(
            password, string.Join('\n', (await EnvironmentAsync(container)).Values.Concat(container.Args)), StringComparison.Ordinal);
        var path = Assert.Single(container.Args, static one => one.StartsWith("--redis-password-file=", StringComparison.Ordinal)).Split('=')[1];
        var mount = Assert.Single(container.VolumeMounts, one => path.StartsWith(one.MountPath + "/", StringComparison.Ordinal));
        var volume = pod.Volumes.Single(one => one.Name == mount.Name);
        Assert.Equal(("relay-redis", "password"), (volume.Secret.SecretName, Assert.Single(volume.Secret.Items).Key));
    }

    [Fact]
    public async Task Certificates_OfSecretsAndOfCertManager_AreForTheSame()
    {
        var secrets = await Secrets.OpenAsync();
        var asked = (await Overlay.BuildAsync("fleet+cert-manager")).Others
            .Where(static one => Overlay.Text(one, "kind") == "Certificate" && ((YamlMappingNode)one["spec"]).Children.ContainsKey("dnsNames"))
            .ToDictionary(static one => Overlay.Text(one, "spec", "secretName"), static one => one["spec"]);
        Assert.Equal(["relay-admin-tls", "relay-redis-tls", "relay-silo-tls"], asked.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, spec) in asked)
        {
            using var made = X509Certificate2.CreateFromPem(secrets.Text(name, "tls.crt"));
            Assert.Equal(
                Texts(spec["dnsNames"]), made.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames());
            Assert.Equal(
                Texts(spec["usages"]).Where(static one => one.EndsWith("auth", StringComparison.Ordinal)),
                made.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>()
                    .Select(static one => one.Value == "1.3.6.1.5.5.7.3.1" ? "server auth" : "client auth"));
        }
    }

    [Fact]
    public async Task Secrets_MadeAgain_AreTheSame()
    {
        var tree = await DeployTree.OpenAsync();
        var folder = _root.Folder("secrets");
        var first = await Programs.OutputOfAsync(tree.File("k8s/secrets.sh"), folder);
        Assert.Equal(first, await Programs.OutputOfAsync(tree.File("k8s/secrets.sh"), folder));
        Assert.All(
            Directory.EnumerateFiles(folder), static one => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(one)));
        // cert-manager makes the rest.
        var without = await Programs.OutputOfAsync(tree.File("k8s/secrets.sh"), "--without-certificates", _root.Folder("others"));
        Assert.DoesNotContain(
            Overlay.ReadAll(without).OfType<V1Secret>(), static one => one.Metadata.Name.EndsWith("-tls", StringComparison.Ordinal));
        Assert.False(File.Exists(_root.File("others/ca.key")));
    }

    /// <summary>What is printed is applied at once: half of it would be, too.</summary>
    [Theory]
    [InlineData("kubectl", "*configmap*) exit 1 ;;")]
    [InlineData("openssl", "version*) echo OpenSSL 1.1.1w ;;")]
    public async Task Secrets_ThatCannotAllBeMade_AreNotPrinted(string program, string fault)
    {
        var tree = await DeployTree.OpenAsync();
        var real = (await Programs.OutputOfAsync("/bin/sh", "-c", $"command -v {program}")).Trim();
        File.SetUnixFileMode(
            _root.Write(program, $"#!/bin/sh\ncase \"$*\" in\n  {fault}\n  *) exec {real} \"$@\" ;;\nesac\n"),
            UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var (status, output) = await Programs.RunAsync(
            "/bin/sh", "-c", $"PATH={_root.Path}:$PATH {tree.File("k8s/secrets.sh")} {_root.Folder("secrets")} 2>/dev/null");
        Assert.NotEqual(0, status);
        Assert.Equal("", output);
    }

    private static IEnumerable<string> Texts(YamlNode list) => ((YamlSequenceNode)list).Select(static one => $"{one}");

    private static Task<int> ProgramAsync(
        string program, string[] arguments, Dictionary<string, string> environment, out Func<string> output)
    {
        var process = ChildProcess.Start(OwnProgram.Command(program, arguments), environment, program);
        output = process.Log.Describe;
        return EndAsync();

        async Task<int> EndAsync()
        {
            await using (process)
                return await process.WaitForExitAsync(Eventually.Limit);
        }
    }

    private string Here(string text) => text.Replace("/etc/", $"{_root.Path}/etc/", StringComparison.Ordinal);

    private async Task<Dictionary<string, string>> EnvironmentAsync(V1Container container)
    {
        var secrets = await Secrets.OpenAsync();
        // As the kubelet has it in every pod.
        var all = new Dictionary<string, string> { ["KUBERNETES_SERVICE_HOST"] = "192.0.2.1", ["KUBERNETES_SERVICE_PORT"] = "443" };
        foreach (var one in container.Env)
        {
            all[one.Name] = Here(one switch
            {
                { ValueFrom.SecretKeyRef: { } key } => secrets.Text(key.Name, key.Key),
                { ValueFrom.FieldRef.FieldPath: "spec.nodeName" } => "machine-1",
                { ValueFrom.FieldRef: not null } => "127.0.0.1",
                _ => Variable().Replace(one.Value, match => all[match.Groups[1].Value]),
            });
        }
        return all;
    }

    /// <summary>What the kubelet mounts.</summary>
    private async Task WriteFilesAsync(Overlay overlay, V1PodSpec pod, V1Container container)
    {
        var secrets = await Secrets.OpenAsync();
        foreach (var mount in container.VolumeMounts.Where(static one => one.MountPath.StartsWith("/etc/", StringComparison.Ordinal)))
        {
            var volume = pod.Volumes.Single(one => one.Name == mount.Name);
            var folder = _root.Folder(mount.MountPath[1..]);
            var content = volume switch
            {
                { Secret.SecretName: "relay-node-tls" } => Keys("relay-admin-tls"),
                { Secret: { } secret } => Keys(secret.SecretName).Where(one => secret.Items?.Any(item => item.Key == one.Key) ?? true),
                { ConfigMap.Name: "relay-admin-ca" } => Keys("relay-admin-tls").Where(static one => one.Key == "ca.crt"),
                { ConfigMap: not null } => [new("relay-node.json", Here(overlay.NodeConfig))],
                _ => [new("token", "a-token-of-the-pod-01234567")],
            };
            foreach (var (key, text) in content)
                await File.WriteAllTextAsync(Path.Combine(folder, key), text);
        }

        IEnumerable<KeyValuePair<string, string>> Keys(string name) =>
            secrets.KeysOf("relayfleet", name) is { } keys ? keys.Select(one => KeyValuePair.Create(one, secrets.Text(name, one)))
            : secrets.KeysOf("relayfleet-nodes", name)!.Select(one => KeyValuePair.Create(one, secrets.Text(name, one)));
    }

    [GeneratedRegex(@"(?<=\s)--[a-z][a-z0-9-]*")]
    private static partial Regex LongName();

    [GeneratedRegex(@"\$\(([^)]+)\)")]
    private static partial Regex Variable();
}
