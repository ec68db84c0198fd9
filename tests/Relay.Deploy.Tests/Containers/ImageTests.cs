namespace Relay.Deploy.Tests.Containers;

/// <summary>The image itself, built and started by eng/image.sh.</summary>
[Trait("Needs", "Processes")]
public sealed class ImageTests
{
    [Fact(Explicit = true)]
    public async Task Image_Built_RunsReadOnly_CarriesTraffic_AndDrains()
    {
        InstalledProgram.Require("buildah", "buildah");
        InstalledProgram.Require("debootstrap", "debootstrap");
        InstalledProgram.Require("unshare", "util-linux");
        InstalledProgram.Require("openssl", "openssl");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Namespaces and mounts need root.");
        using var folder = new ScratchFolder();
        await using var script = ChildProcess.Start(Repository.PathOf("eng/image.sh"), ["--output", folder.Path]);
        script.Input.Close();
        var status = await script.WaitForExitAsync(TimeSpan.FromMinutes(30));
        var log = string.Join('\n', script.Log.Lines);
        Assert.True(status == 0, log);
        Assert.All((string[])
        [
            "healthy", "ready", "user 65532", "capabilities 0000000000000400", "TLS by OpenSSL", "every program starts",
            "root file system is read-only", "traffic over HTTP/3", "traffic over HTTP/2",
            "SIGTERM drained: the transfer that was under way is whole", "without capabilities it is relay-node.unprivileged",
        ], line => Assert.Contains($"image.sh: {line}\n", log + "\n", StringComparison.Ordinal));
        Assert.Contains("Microsoft.Orleans.Runtime", File.ReadAllText(folder.File("bom.json")), StringComparison.Ordinal);
    }
}
