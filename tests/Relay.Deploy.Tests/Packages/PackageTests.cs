using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Relay.Deploy.Tests.Packages;

/// <summary>
/// The package as an administrator has it: made from the checkout, installed in a root of its own, its services started as their units
/// say, traffic through them, ended, and purged.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class PackageTests
{
    [Fact(Explicit = true)]
    public async Task Package_OfOneCommit_IsTheSameEachTime_AndForArm64HasTheSameFiles()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "It is compared with that of linux-x64.");
        using var folder = new ScratchFolder();
        var first = await PackageFiles.Made;
        var second = await PackageFiles.MakeAsync(folder.File("second"));
        Assert.Equal(await DigestAsync(first.Archive), await DigestAsync(second.Archive));
        Assert.Equal(await DigestAsync(first.Package), await DigestAsync(second.Package));
        // For other processors it is made, and not run here.
        var other = await PackageFiles.MakeAsync(folder.File("other"), "--arch", "arm64");
        Assert.Equal("arm64", await Programs.OutputOfAsync("dpkg-deb", "--field", other.Package, "Architecture"));
        Assert.Equal(await ContentsAsync(first.Package), await ContentsAsync(other.Package));
        foreach (var (package, machine) in new[] { (first.Package, Architecture.X64), (other.Package, Architecture.Arm64) })
        {
            var root = folder.Folder($"{machine}");
            await Programs.OutputOfAsync("dpkg-deb", "--extract", package, root);
            var code = Directory.EnumerateFiles(Path.Combine(root, "usr/lib/relayfleet"))
                .Select(static path => (Path: path, Machine: MachineCode.Of(path))).Where(static file => file.Machine is not null).ToList();
            // Programs, the runtime's libraries, and assemblies.
            Assert.All(
                (string[])["relay-node", "relay-admin", "relayctl", "relay-load", "libcoreclr.so", "relay-node.dll", "System.Private.CoreLib.dll"],
                name => Assert.Single(code, file => Path.GetFileName(file.Path) == name));
            Assert.DoesNotContain(code, file => file.Machine != machine);
        }
    }

    [Theory(Explicit = true)]
    [InlineData("/", false)]
    [InlineData("/", true)]
    [InlineData("trixie", false)]
    public async Task Package_Installed_IsStartedAsItsUnitsSay_CarriesTraffic_AndLeavesNothing(string root, bool isArchive)
    {
        var unshare = InstalledProgram.Require("unshare", "util-linux");
        InstalledProgram.Require("setpriv", "util-linux");
        InstalledProgram.Require("ip", "iproute2");
        InstalledProgram.Require("openssl", "openssl");
        InstalledProgram.Require("adduser", "adduser");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Namespaces and other users need root.");
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The package that is run is linux-x64's.");
        if (root == "trixie")
        {
            root = Trixie;
            await using var made = ChildProcess.Start(Repository.PathOf("eng/trixie.sh"), ["--root", root]);
            made.Input.Close();
            Assert.SkipUnless(await made.WaitForExitAsync(PackageFiles.Making) == 0, $"There is no root of Debian 13: {made.Log.Describe()}");
        }
        var (archive, package) = await PackageFiles.Made;
        using var place = new ScratchFolder();
        var script = place.Write("run.sh", Script(place.Path, root, isArchive ? Unpacked(archive) : Installed(package)));
        await using var run = ChildProcess.Start(
            unshare, ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "-euo", "pipefail", script]);
        run.Input.Close();
        var status = await run.WaitForExitAsync(PackageFiles.Making);
        var log = string.Join('\n', run.Log.Lines);
        Assert.True(status == 0, log);
        Assert.Contains("relay-admin ended with 0", log, StringComparison.Ordinal);
        Assert.Contains("relay-node ended with 0", log, StringComparison.Ordinal);
        Assert.Contains("uid 0 is none of theirs", log, StringComparison.Ordinal);
        Assert.Contains("nothing is left", log, StringComparison.Ordinal);
        Assert.Contains("traffic over HTTP/3\ntraffic over HTTP/2", log, StringComparison.Ordinal);
    }

    private static async Task<string> DigestAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexString(await SHA256.HashDataAsync(file));
    }

    private static async Task<IEnumerable<string>> ContentsAsync(string package) =>
        (await Programs.OutputOfAsync("dpkg-deb", "--contents", package)).Split('\n')
            .Select(static line => line[line.IndexOf("./", StringComparison.Ordinal)..]);

    private static string Trixie => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "relayfleet/trixie");

    /// <summary>How it comes there and goes: shell functions that are run within the root.</summary>
    private static (string File, string Install, string Remove) Installed(string package) =>
        (package, "dpkg -i /tmp/package >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }", "dpkg --purge relayfleet >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }");

    /// <summary>As docs/deploying.md has it.</summary>
    private static (string File, string Install, string Remove) Unpacked(string archive) => (archive,
        """
        mkdir -p /usr/local && tar -xzf /tmp/package -C /usr/local --strip-components=1 --no-same-owner
        for name in relay-node relay-admin; do useradd --system --user-group --no-create-home "$name"; cp -r /usr/local/etc/$name /etc/; done
        """,
        """
        tar -tzf /tmp/package | sed -n 's,^[^/]*/,/usr/local/,p' | grep -v '/$' | xargs rm -f
        rm -rf /etc/relay-node/relay-node.json /etc/relay-admin /var/lib/relay-node /var/lib/relay-admin
        for name in relay-node relay-admin; do userdel "$name"; done
        """);

    private static string Script(string place, string root, (string File, string Install, string Remove) steps)
    {
        var (node, admin) = (new UnitFile("relay-node"), new UnitFile("relay-admin"));
        return $$"""
            ip link set lo up
            mount --make-rprivate /
            over={{place}}/over
            mkdir -p $over {{place}}/root && mount -t tmpfs tmpfs $over && mkdir $over/upper $over/work
            # What the package and its programs write is in $over/upper; nothing of it is in the root that is beneath.
            mount -t overlay overlay -o lowerdir={{root}},upperdir=$over/upper,workdir=$over/work {{place}}/root
            cd {{place}}/root
            mkdir -p proc dev tmp run
            mount -t proc proc proc
            mount --rbind /dev dev
            mount -t tmpfs -o mode=1777 tmpfs tmp
            mount -t tmpfs tmpfs run
            cp {{steps.File}} tmp/package
            cat > tmp/install <<'END'
            {{steps.Install}}
            END
            cat > tmp/remove <<'END'
            {{steps.Remove}}
            END
            cat > tmp/serve <<'END'
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
              -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout /tmp/key -out /tmp/ca 2>/dev/null
            install -m 640 -g relay-node /tmp/ca /etc/relay-node/fullchain.pem
            install -m 640 -g relay-node /tmp/key /etc/relay-node/privkey.pem
            # Where tunnels lead to here is this machine.
            sed -i 's,"address": .*,"address": ["127.0.0.1:443"]\, "allow-target": ["127.0.0.0/8"]\,,' /etc/relay-node/relay-node.json
            await() { # await PID LOG COMMAND…: until the command succeeds; each try takes the time of a program's start.
              local pid=$1 log=$2; shift 2
              until "$@" >/dev/null 2>&1; do kill -0 $pid 2>/dev/null || { cat "$log"; return 1; }; done
            }
            end() { # end NAME PID LOG
              local status=0
              grep -E '^Uid:' /proc/$2/status | grep -qE '\s0(\s|$)' || echo "uid 0 is none of theirs"
              kill -TERM $2
              wait $2 || status=$?
              cat $3
              echo "$1 ended with $status"
            }
            {{admin.Prepare}}
            {{admin.StartCommand}} >/tmp/admin.log 2>&1 & pid=$!
            await $pid /tmp/admin.log relayctl health
            end relay-admin $pid /tmp/admin.log
            {{node.Prepare}}
            {{node.StartCommand}} >/tmp/node.log 2>&1 & pid=$!
            await $pid /tmp/node.log relayctl nodes
            relayctl users add alice --device phone --json >/tmp/alice
            secret=$(sed -nE 's/.*"secret": *"([^"]+)".*/\1/p' /tmp/alice)
            # A probe tells of a refusal, and is no failure: the node takes the user with one of its next reports.
            await $pid /tmp/node.log relay-load echo --count 1 --relay 127.0.0.1:443 --ca /tmp/ca -H "proxy-authorization: Bearer $secret"
            for http in 3 2; do
              relay-load echo --relay 127.0.0.1:443 --ca /tmp/ca --http $http --count 1000 --fail-on-loss -H "proxy-authorization: Bearer $secret" >/tmp/load \
                && relay-load tcp-down --relay 127.0.0.1:443 --ca /tmp/ca --http $http --bytes 4MiB -H "proxy-authorization: Bearer $secret" >>/tmp/load \
                || { cat /tmp/load /tmp/node.log; exit 1; }
              echo "traffic over HTTP/$http"
            done
            if relay-load echo --relay 127.0.0.1:443 --ca /tmp/ca --count 1 >/dev/null 2>&1; then echo "a stranger gets through"; exit 1; fi
            end relay-node $pid /tmp/node.log
            END
            inside() { chroot . env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive bash -euo pipefail /tmp/$1; }
            inside install
            inside serve
            inside remove
            # The administrator's own files are left, in a folder that is theirs then.
            rm etc/relay-node/fullchain.pem etc/relay-node/privkey.pem
            rmdir etc/relay-node
            cd $over/upper
            # Not dpkg's own notes and copies of the lists of users as they were, nor where the archive goes, which nobody purges.
            left=$(find . -mindepth 1 \( -path ./var/lib/dpkg -o -path ./var/cache/man -o -path ./var/log/dpkg.log -o -path './etc/*-' -o -path ./usr/local \) -prune -o -print \
              | while read -r path; do [ -e "{{root}}/$path" ] || [ -L "{{root}}/$path" ] || echo "$path"; done)
            lost=$(find . -path ./usr/local -prune -o -type c -print)
            grep -qE '^relay-' etc/passwd etc/group && left+=' users'
            [ -z "$left$lost" ] || { echo "left: $left; lost: $lost"; exit 1; }
            echo "nothing is left"
            """;
    }
}
