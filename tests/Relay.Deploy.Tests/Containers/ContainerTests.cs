using System.IO.Enumeration;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Containers;

/// <summary>
/// The container without an engine: what the image would hold is published, put where the image has it in a mount
/// namespace whose file system is read-only, and started as the image's user, with its capabilities and its command.
/// </summary>
[Trait("Needs", "Processes")]
public partial class ContainerTests
{
    [Fact]
    public async Task Image_ItsStartCommand_ServesAsTheUnprivilegedUserOnAReadOnlyFileSystem()
    {
        var unshare = InstalledProgram.Require("unshare", "util-linux");
        InstalledProgram.Require("setpriv", "util-linux");
        InstalledProgram.Require("setcap", "libcap2-bin");
        InstalledProgram.Require("ip", "iproute2");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Namespaces and file capabilities need root.");

        var image = new Dockerfile();
        using var folder = new ScratchFolder();
        var output = folder.Folder("opt");
        var runtime = "linux-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        foreach (var project in (string[])["src/Relay.Node", "tools/Relay.Ctl"])
        {
            await Programs.OutputOfAsync(
                OwnProgram.Dotnet,
                "publish", Repository.PathOf(project), "-c", "Release", "-r", runtime, "--self-contained", "-o", output,
                // Not where others restore and build, some of them without a network.
                "--artifacts-path", folder.Folder("artifacts"), "--nologo", "-v", "quiet", "-p:DebugType=none", "-p:RunAnalyzers=false");
        }
        foreach (var (from, to) in image.Copies)
            File.Copy(Repository.PathOf(from), Path.Combine(output, Path.GetFileName(to)));

        var script = folder.Write("start.sh", Script(image, folder, output));
        var (status, log) = await Programs.RunAsync(
            unshare, "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-eu", script);
        Assert.True(status == 0, log);
        Assert.Contains("user 65532", log, StringComparison.Ordinal);
        Assert.Contains("root file system is read-only", log, StringComparison.Ordinal);
        Assert.Contains("healthy", log, StringComparison.Ordinal);
        Assert.Contains("listening on 127.0.0.1:443", log, StringComparison.Ordinal);
        // The hook gets as far as asking a coordinator: the node's own log is closed to it, by the node's file capability.
        Assert.Contains("prestop: relayctl ended with 3; SIGTERM drains the rest", log, StringComparison.Ordinal);
        Assert.Contains("ended with 0", log, StringComparison.Ordinal);
        Assert.Contains("without capabilities by the entry alone", log, StringComparison.Ordinal);
    }

    /// <summary>What the build takes from outside the projects' folders, and what the Dockerfile copies, is let into its context.</summary>
    [Fact]
    public void Context_HasWhatTheImageIsMadeFrom()
    {
        var allowed = Repository.Read(".dockerignore").Split('\n').Where(static line => line.StartsWith('!')).Select(static line => line[1..]).ToList();
        var root = Repository.PathOf(".");
        var needed = ((string[])["src", "tools"])
            .SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories))
            .SelectMany(static project => Include().Matches(File.ReadAllText(project)).SelectMany(static one => one.Groups[1].Value.Split(';'))
                .Where(static path => path.StartsWith("../", StringComparison.Ordinal))
                .Select(path => Path.GetFullPath(path, Path.GetDirectoryName(project)!)))
            .Select(path => Path.GetRelativePath(root, path))
            .Concat(new Dockerfile().Copies.Select(static one => one.From))
            .Where(static path => !path.StartsWith("src/", StringComparison.Ordinal) && !path.StartsWith("tools/", StringComparison.Ordinal))
            .ToHashSet();
        Assert.Superset(new HashSet<string> { "docs/reference.md", "deploy/docker/entry.sh" }, needed);
        Assert.All(needed, path => Assert.Contains(allowed, pattern => FileSystemName.MatchesSimpleExpression(pattern, path, ignoreCase: false)));
        Assert.Contains("src", allowed);
        Assert.Contains("tools", allowed);
    }

    [Fact]
    public void Image_Packages_HaveTheLibrariesThatTheNodeNames()
    {
        var image = new Dockerfile();
        Assert.Superset(
            new HashSet<string> { "libngtcp2-16", "libngtcp2-crypto-gnutls8", "libnghttp3-9", "libnghttp2-14", "ca-certificates" },
            image.Packages.ToHashSet());
        Assert.Equal("65532:65532", image.User);
    }

    private static string Script(Dockerfile image, ScratchFolder folder, string output)
    {
        var user = image.User.Split(':');
        var (capabilities, file) = image.FileCapability;
        var command = string.Join(' ', image.Entry.Concat(image.Command).Select(Quote));
        string AsUser(string bounding) => $"setpriv --reuid {user[0]} --regid {user[1]} --clear-groups --inh-caps=-all "
            + $"--bounding-set={bounding} env -i PATH=/usr/bin:/bin " + string.Join(' ', image.Environment.Select(Quote));
        var (asUser, asNobody) = (AsUser("-all,+net_bind_service"), AsUser("-all"));
        var entry = string.Join(' ', image.Entry.Select(Quote));
        return $$"""
            ip link set lo up
            mount --make-rprivate /
            # The image's folders, over what this machine has in their places.
            chmod -R go+rX "{{folder.Path}}"
            mount -t tmpfs tmpfs /opt && mkdir /opt/relayfleet && cp -a "{{output}}/." /opt/relayfleet
            cp /opt/relayfleet/relay-node /opt/relayfleet/relay-node.unprivileged
            setcap {{capabilities}} {{file}}
            mkdir "{{folder.Path}}/etc" "{{folder.Path}}/work"
            mount -t overlay overlay -o lowerdir=/etc,upperdir="{{folder.Path}}/etc",workdir="{{folder.Path}}/work" /etc
            mkdir -p /etc/relay-node /etc/relay-tls
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
              -addext subjectAltName=DNS:localhost -keyout /etc/relay-tls/tls.key -out /etc/relay-tls/tls.crt 2>/dev/null
            chmod 644 /etc/relay-tls/tls.key
            sed 's/"0.0.0.0:443", "\[::\]:443"/"127.0.0.1:443"/' "{{Repository.PathOf("deploy/k8s/overlays/single/relay-node.json")}}" \
              > /etc/relay-node/relay-node.json
            mount -t tmpfs -o mode=1777 tmpfs /tmp
            mount -o remount,ro,bind / && mount -o remount,ro /etc && mount -o remount,ro /opt
            ! touch /probe 2>/dev/null && ! touch /opt/relayfleet/probe 2>/dev/null && echo "root file system is read-only"

            cd /
            {{asUser}} {{command}} >/tmp/log 2>&1 &
            node=$!
            tries=0
            until {{asUser}} {{string.Join(' ', image.HealthCheck.Select(Quote))}}; do
              tries=$((tries + 1))
              kill -0 $node && [ $tries -lt 60 ] || { cat /tmp/log; exit 1; }
              # Each try takes the time of a program's start.
            done
            echo healthy
            awk '/^Uid:/ { print "user " $2 }' /proc/$node/status
            {{asUser}} RELAY_NODE_ID=node-1 RELAY_ADMIN_URL=http://127.0.0.1:1 /opt/relayfleet/prestop.sh
            kill -TERM $node
            status=0; wait $node || status=$?
            cat /tmp/log
            echo "ended with $status"
            # The kernel starts no file whose capabilities cannot be had.
            ! {{asNobody}} {{file}} --version 2>/dev/null && {{asNobody}} {{entry}} {{file}} --version && echo "without capabilities by the entry alone"
            exit $status
            """;
    }

    private static string Quote(string text) => $"'{text}'";

    [GeneratedRegex("Include=\"([^\"]+)\"")]
    private static partial Regex Include();
}
