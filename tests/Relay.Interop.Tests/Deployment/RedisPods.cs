using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using YamlDotNet.RepresentationModel;

namespace Relay.Interop.Tests.Deployment;

/// <summary>The three pods of the component redis: each with its own address and folder, and what the manifest runs in them.</summary>
internal sealed class RedisPods : IAsyncDisposable
{
    private const string Namespace = "relayfleet";
    private const string Password = "password-of-redis-in-this-test";

    private static int _count;

    // Ports are the manifest's, so that each three have addresses of their own, also beside another run's.
    private readonly string _network = $"127.{64 + Environment.ProcessId % 128}.{Interlocked.Increment(ref _count) % 256}";

    private readonly ScratchFolder _folder = new();
    private readonly RenderedOverlay _overlay;
    private readonly string _authority;
    private readonly List<ChildProcess>[] _running = [[], [], []];
    private string _password = Password;

    private RedisPods(RenderedOverlay overlay, TestAuthority authority)
    {
        (_overlay, _authority) = (overlay, _folder.Write("ca.crt", authority.Pem));
        Renew(authority);
        _folder.Write("password", _password);
        _folder.Write("redis.sh", overlay.File("redis.sh"));
    }

    /// <summary>The Secret's password, which each container has as a file.</summary>
    public string PasswordFile => _folder.File("password");

    /// <summary>What coordinators are told, in the form that secrets.sh has.</summary>
    public static string Configuration =>
        $"{string.Join(',', Enumerable.Range(0, 3).Select(static pod => $"{Name(pod)}:26379"))},serviceName=relayfleet,"
        + $"ssl=true,sslHost=redis.{Namespace}.svc,abortConnect=false";

    /// <summary>The names of the pods, as the Service has them.</summary>
    public IEnumerable<(string Address, string Name)> Names => Enumerable.Range(0, 3).Select(pod => (Address(pod), Name(pod)));

    /// <summary>Starts them all. The test is skipped where the programs are not there.</summary>
    public static async Task<RedisPods> StartAsync(RenderedOverlay overlay, TestAuthority authority)
    {
        InstalledProgram.Require("redis-server", "redis-server");
        InstalledProgram.Require("redis-cli", "redis-tools");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A hosts file of the pods' own needs root.");
        var pods = new RedisPods(overlay, authority);
        try
        {
            for (var pod = 0; pod < 3; pod++)
                pods.Start(pod);
            for (var pod = 0; pod < 3; pod++)
                await pods.WaitAsync(pod, 26379, "ping", static answer => answer == "PONG");
            await pods.WaitAsync(0, 6379, "info replication", static answer => answer.Contains("connected_slaves:2", StringComparison.Ordinal));
            return pods;
        }
        catch
        {
            await pods.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one, with what is in its folder.</summary>
    public void Start(int pod)
    {
        foreach (var name in (string[])["redis", "sentinel"])
        {
            var (manifest, environment) = Container(pod, name);
            var command = Here(manifest["command"]);
            _running[pod].Add(ChildProcess.Start(PrivateHosts.Wrap(_folder, Names, command), environment, $"{name} of redis-{pod}"));
        }
    }

    /// <summary>Its machine is gone.</summary>
    public async Task KillAsync(int pod)
    {
        foreach (var process in _running[pod])
            await process.DisposeAsync();
        _running[pod].Clear();
    }

    /// <summary>Waits until a container of it has ended by itself.</summary>
    public Task EndAsync(int pod, string container) =>
        _running[pod][container == "redis" ? 0 : 1].WaitForExitAsync(Eventually.Limit);

    /// <summary>Its volume is gone.</summary>
    public void Lose(int pod) => Directory.Delete(_folder.File($"data-{pod}"), recursive: true);

    /// <summary>The Secret has another password; pods have it once they are started again.</summary>
    public void ChangePassword()
    {
        _password = "another-password-of-redis-in-this-test";
        File.WriteAllText(_folder.File("password"), _password);
    }

    /// <summary>The Secret has another certificate.</summary>
    /// <returns>Its serial number.</returns>
    public string Renew(TestAuthority authority)
    {
        using var certificate = authority.IssueSilo($"redis.{Namespace}.svc");
        var files = CertificateFiles.Write(_folder, "tls", certificate);
        File.Move(files.Certificate, _folder.File("tls.crt"), overwrite: true);
        return certificate.SerialNumber;
    }

    /// <summary>The serial number of the certificate that a pod's Redis, or Sentinel, shows.</summary>
    public async Task<string> ShownAsync(int pod, int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Parse(Address(pod)), port);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, shown, _, _) => shown is not null);
        await stream.AuthenticateAsClientAsync(Namespace);
        return stream.RemoteCertificate!.GetSerialNumberString();
    }

    /// <summary>What the kubelet's readiness probe finds.</summary>
    public async Task<bool> IsReadyAsync(int pod, string container = "redis") =>
        await RunAsync(pod, Here(_overlay.Container("redis", container)["readinessProbe"]["exec"]["command"])) == 0;

    /// <summary>Has the script do something by hand in a pod; it must succeed.</summary>
    public async Task ExecuteAsync(int pod, string what) => Assert.Equal(0, await RunAsync(pod, ["sh", _folder.File("redis.sh"), what]));

    /// <summary>Asks a pod's Redis, or Sentinel, until the answer fits.</summary>
    public Task<string> WaitAsync(int pod, int port, string command, Func<string, bool> fits) => Eventually.HoldsAsync(
        $"{command} at redis-{pod}, port {port}\n{string.Concat(_running[pod].Select(static one => one.Log.Describe()))}",
        () => AskAsync(pod, port, command), fits);

    /// <summary>What a pod's Redis, or Sentinel, answers.</summary>
    public async Task<string> AskAsync(int pod, int port, string command) => (await Programs.RunAsync(
        "/bin/sh", "-c", $"REDISCLI_AUTH={_password} timeout 3 redis-cli -h {Address(pod)} -p {port} --tls --cacert {_authority} {command}")).Output;

    /// <summary>Which is the primary, once it has two replicas that follow it.</summary>
    public Task<int> PrimaryAsync() => Eventually.HoldsAsync(
        $"a primary with two replicas\n{string.Concat(_running.SelectMany(static one => one).Select(static one => one.Log.Describe()))}",
        async () =>
        {
            for (var pod = 0; pod < 3; pod++)
            {
                var answer = await AskAsync(pod, 6379, "info replication");
                if (answer.Contains("role:master", StringComparison.Ordinal) && Regex.Count(answer, "state=online") == 2)
                    return pod;
            }
            return -1;
        }, static pod => pod >= 0);

    public async ValueTask DisposeAsync()
    {
        for (var pod = 0; pod < 3; pod++)
            await KillAsync(pod);
        _folder.Dispose();
    }

    private (YamlNode Manifest, Dictionary<string, string> Environment) Container(int pod, string name)
    {
        var manifest = _overlay.Container("redis", name);
        var environment = new KubeletContainer(manifest, new Dictionary<string, string>
        {
            ["metadata.name"] = $"redis-{pod}",
            ["metadata.namespace"] = Namespace,
            ["status.podIP"] = Address(pod),
        }).Environment();
        environment["REDIS_TLS_DIR"] = _folder.Path;
        environment["REDIS_PASSWORD_FILE"] = _folder.File("password");
        environment["REDIS_DATA_DIR"] = _folder.Folder($"data-{pod}");
        return (manifest, environment);
    }

    private async Task<int> RunAsync(int pod, string[] command)
    {
        await using var process = ChildProcess.Start(
            PrivateHosts.Wrap(_folder, Names, command), Container(pod, "redis").Environment, $"{command[^1]} in redis-{pod}");
        return await process.WaitForExitAsync(Eventually.Limit);
    }

    private string[] Here(YamlNode command) => [.. RenderedOverlay.Items(command).Select(RenderedOverlay.Text)
        .Select(one => one.Replace("/opt/redis", _folder.Path, StringComparison.Ordinal))];

    private string Address(int pod) => $"{_network}.{pod + 1}";

    private static string Name(int pod) => $"redis-{pod}.redis.{Namespace}.svc";
}
