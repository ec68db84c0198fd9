using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A node that may have little memory: by the collector's limit, or by that of its control group.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Heap_Of48MiB_ServesAllTheSame()
    {
        var environment = new Dictionary<string, string>
        {
            ["DOTNET_GCHeapHardLimit"] = (48 * Mebibyte).ToString("x"),
            ["DOTNET_GCgen0size"] = Mebibyte.ToString("x"),
        };
        await using var relay = await RelayProcess.StartAsync(_authority, environment, "--workers", "1");
        await ServesAsync(relay);
        await relay.StopAsync();
    }

    [Fact]
    public async Task ControlGroup_Of160MiB_ServesAllTheSame_AndIsNeverExceeded()
    {
        using var group = new ControlGroup(160L * Mebibyte);
        await using var relay = await RelayProcess.StartAfterAsync(_authority, group.Join, "--workers", "1");
        await ServesAsync(relay);
        Assert.InRange(group.Peak, Mebibyte, 160L * Mebibyte);
        await relay.StopAsync();
    }

    /// <summary>Many connections, and much over a few, of each version.</summary>
    private static async Task ServesAsync(RelayProcess relay)
    {
        foreach (var http in (string[])["3", "2", "1"])
        {
            var idle = await LoadRun.AgainstAsync(
                relay.Port, Limits.Transfer, "idle", http == "3" ? "1000" : "200", "--http", http, "--hold", "0.1");
            Assert.Equal(0, idle["lost_while_held"]);
            foreach (var mode in (string[])["tcp-down", "tcp-up"])
            {
                var run = await LoadRun.AgainstAsync(
                    relay.Port, Limits.Transfer, mode, "--http", http, "--bytes", "16MiB", "--flows", "4", "--verify", "Sha256");
                Assert.True(run.Verified);
            }
            _ = await LoadRun.AgainstAsync(
                relay.Port, Limits.Transfer, "echo", "--http", http, "--flows", "50", "--count", "5000", "--window", "4",
                "--fail-on-loss", "--timeout", "120");
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{ChildProcess.ResidentKib(relay.Id)} KiB are resident");
    }

    /// <summary>A control group with a limit of memory (cgroups(7)), of whichever version the machine has.</summary>
    private sealed class ControlGroup : IDisposable
    {
        private readonly string _path;
        private readonly bool _isOne;

        public ControlGroup(long limit)
        {
            const string Root = "/sys/fs/cgroup";
            _isOne = Directory.Exists($"{Root}/memory");
            _path = Path.Combine(_isOne ? $"{Root}/memory" : Root, $"relay-test-{Environment.ProcessId}-{Guid.NewGuid():N}");
            try
            {
                Directory.CreateDirectory(_path);
                File.WriteAllText(Named(_isOne ? "memory.limit_in_bytes" : "memory.max"), $"{limit}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Dispose();
                Assert.Skip($"No control group with a limit can be made here: {e.Message}");
            }
        }

        /// <summary>What a shell does to be in it, with what it runs.</summary>
        public string Join => $"echo $$ > {Named("cgroup.procs")}";

        /// <summary>The most that it had, in bytes.</summary>
        public long Peak => long.Parse(File.ReadAllText(Named(_isOne ? "memory.max_usage_in_bytes" : "memory.peak")));

        public void Dispose()
        {
            if (Directory.Exists(_path))
                Directory.Delete(_path);
        }

        private string Named(string name) => Path.Combine(_path, name);
    }
}
