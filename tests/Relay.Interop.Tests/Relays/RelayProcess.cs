using Relay.Interop.Tests.Network;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Relays;

/// <summary>
/// relay-node as an operator runs it: the program that this build made, with files for its certificate and key, on
/// 127.0.0.1 and for targets there.
/// </summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    /// <summary>The host name in the relay's certificate.</summary>
    public const string Name = "relay.test";

    private readonly ChildProcess _process;
    private readonly ScratchFolder _folder;

    private RelayProcess(ChildProcess process, ScratchFolder folder, int port) =>
        (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public OutputLog Log => _process.Log;

    /// <summary>Starts on the machine's own loopback, and waits until it listens.</summary>
    public static Task<RelayProcess> StartAsync(TestAuthority authority, params string[] options) =>
        StartAsync(authority, new Dictionary<string, string>(), options);

    /// <summary>The same, with more in its environment.</summary>
    public static Task<RelayProcess> StartAsync(
        TestAuthority authority, IReadOnlyDictionary<string, string> environment, params string[] options)
    {
        var folder = new ScratchFolder();
        var port = Ports.FreeUdp();
        string[] command = [.. Command(authority, folder, port), .. options];
        return WaitAsync(ChildProcess.Start(command, environment, "relay-node"), folder, port);
    }

    /// <summary>Starts with so many open files at most.</summary>
    public static Task<RelayProcess> StartLimitedAsync(TestAuthority authority, int files, params string[] options) =>
        StartAfterAsync(authority, $"ulimit -n {files}", options);

    /// <summary>Starts from a shell that has run a command, whose limits and groups are its own.</summary>
    public static Task<RelayProcess> StartAfterAsync(TestAuthority authority, string shell, params string[] options)
    {
        var folder = new ScratchFolder();
        var port = Ports.FreeUdp();
        string[] command = ["-c", $"{shell} && exec \"$@\"", "sh", .. Command(authority, folder, port), .. options];
        return WaitAsync(ChildProcess.Start("sh", command, name: "relay-node"), folder, port);
    }

    /// <summary>Starts with a small file system, which no other process sees, in place of a folder.</summary>
    public static Task<RelayProcess> StartOnAsync(TestAuthority authority, SmallDisk disk, params string[] options)
    {
        var folder = new ScratchFolder();
        var port = Ports.FreeUdp();
        var command = disk.Wrap([.. Command(authority, folder, port), .. options]);
        return WaitAsync(ChildProcess.Start(command, name: "relay-node"), folder, port);
    }

    /// <summary>Starts in a namespace, as the only program there that knows where the sites are.</summary>
    public static Task<RelayProcess> StartAsync(
        TestAuthority authority, NetworkNamespace network, params string[] options)
    {
        var folder = new ScratchFolder();
        return StartAsync(network, folder, port => Command(authority, folder, port), options);
    }

    /// <summary>The same, with the certificate and key of these files.</summary>
    public static Task<RelayProcess> StartAsync(
        CertificateFiles files, NetworkNamespace network, params string[] options) =>
        StartAsync(network, new ScratchFolder(), port => Command(files, port), options);

    /// <summary>Starts with the certificate and key of these files, which the test may replace.</summary>
    public static Task<RelayProcess> StartAsync(CertificateFiles files, params string[] options) =>
        StartAsync(files, Ports.FreeUdp(), options);

    /// <summary>The same, on a port that the test has chosen.</summary>
    public static Task<RelayProcess> StartAsync(CertificateFiles files, int port, params string[] options)
    {
        string[] command = [.. Command(files, port), .. options];
        return WaitAsync(ChildProcess.Start(command, name: "relay-node"), new ScratchFolder(), port);
    }

    /// <summary>Starts with nothing but a file of options, and the certificate and key of these files.</summary>
    public static Task<RelayProcess> StartAsync(string config, CertificateFiles files)
    {
        var port = Ports.FreeUdp();
        var command = OwnProgram.Command("relay-node", ["--config", config, .. Files(files, port)]);
        return WaitAsync(ChildProcess.Start(command, name: "relay-node"), new ScratchFolder(), port);
    }

    /// <summary>Tells it to read its files again, as <c>systemctl reload</c> does.</summary>
    public void HangUp() => _process.Signal(1);

    /// <summary>Ends it as a service manager would, and expects that it ends well.</summary>
    public async Task StopAsync()
    {
        var status = await _process.TerminateAsync(Limits.Stop);
        Assert.True(status == 0, $"relay-node ended with {status} after SIGTERM. {Log.Describe()}");
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>Waits for it to end by itself.</summary>
    public Task<int> WaitForExitAsync(TimeSpan limit) => _process.WaitForExitAsync(limit);

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static Task<RelayProcess> StartAsync(
        NetworkNamespace network, ScratchFolder folder, Func<int, string[]> command, string[] options)
    {
        var port = network.Run(Ports.FreeUdp);
        // A browser that ends does not say so to its relay: nothing is worth waiting for.
        var hidden = PrivateHosts.Wrap(
            folder, SiteNames.BehindRelay, [.. command(port), "--graceful-shutdown-timeout-secs", "1", .. options]);
        return WaitAsync(network.Start(hidden, name: "relay-node"), folder, port);
    }

    private static string[] Command(TestAuthority authority, ScratchFolder folder, int port)
    {
        using var certificate = authority.IssueServer(Name, "localhost", "127.0.0.1");
        return Command(CertificateFiles.Write(folder, "relay", certificate), port);
    }

    private static string[] Command(CertificateFiles files, int port) =>
        OwnProgram.Command("relay-node", [.. Files(files, port), "--allow-target", "127.0.0.0/8", "--log-level", "debug"]);

    private static string[] Files(CertificateFiles files, int port) =>
    [
        "-a", $"127.0.0.1:{port}",
        "--tls-cert-path", files.Certificate,
        "--tls-private-key-path", files.Key,
    ];

    private static Task<RelayProcess> WaitAsync(ChildProcess process, ScratchFolder folder, int port) =>
        new RelayProcess(process, folder, port).ReadyAfterAsync(
            static relay => relay.Log.WaitForAsync(@"\blistening on 127\.0\.0\.1:", Limits.Start));
}
