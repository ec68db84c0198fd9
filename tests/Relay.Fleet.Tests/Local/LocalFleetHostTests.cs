using Relay.Fleet.Contract;
using Relay.Fleet.Local;
using Relay.Testing;
using Relay.Testing.Nodes;
using Relay.Testing.Processes;

namespace Relay.Fleet.Tests.Local;

public class LocalFleetHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_ThatRuns_TicksItsFleet()
    {
        var time = new ManualTime();
        await using var host = LocalFleetHost.Start(new LocalFleetConfig { Timings = LocalHarness.ShortTimings }, time);
        var node = new SimulatedNode("a", clock: time);
        await node.ReportAsync(host.Fleet);

        // A tick that is missed on a busy machine is made up for by the next.
        while ((await host.Fleet.GetNodeAsync("a", Cancellation))!.State != NodeState.Silent)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }

        Assert.False(host.Failed.IsCompleted);
    }

    [Fact]
    public async Task Host_ThatIsDisposed_HasNotFailed()
    {
        var time = new ManualTime();
        var host = LocalFleetHost.Start(new LocalFleetConfig(), time);

        await host.DisposeAsync();

        Assert.False(host.Failed.IsCompleted);
        Assert.Equal(0, time.ActiveTimers);
    }

    [Fact]
    public void Host_WithTimesThatDoNotFit_DoesNotStart()
    {
        var failure = Assert.Throws<ArgumentException>(() => LocalFleetHost.Start(new LocalFleetConfig
        {
            Timings = new FleetTimings { NodeTimeout = TimeSpan.FromSeconds(1), HolderMargin = TimeSpan.Zero },
        }));

        Assert.Contains("node timeout", failure.Message, StringComparison.Ordinal);
        Assert.Contains("margin", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_WithAPoolsFile_HasItsPools()
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("pools.json", """
            // Our prefixes.
            [
              { "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 },
              { "name": "v4", "prefix": "198.51.100.0/24", "blockLength": 28 },
            ]
            """);
        await using var host = LocalFleetHost.Start(new LocalFleetConfig { PoolsFile = file }, new ManualTime());

        var pools = await host.Fleet.ListPoolsAsync(Cancellation);

        Assert.Equal([("v4", 16L), ("v6", 1L << 20)], pools.Select(pool => (pool.Pool.Name, pool.Blocks)));
    }

    [Theory]
    [InlineData("""[{ "name": "v6", "prefix": "2001:db8::1/44", "blockLength": 64 }]""", "prefix")]
    [InlineData("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64, "lenght": 1 }]""", "lenght")]
    [InlineData("""[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 64 }]""", "2^20")]
    [InlineData("""[{ "name": "v6", "blockLength": 64 }]""", "prefix")]
    [InlineData("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 }, { "name": "b", "prefix": "2001:db8::/48", "blockLength": 64 }]""", "overlaps")]
    [InlineData("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 }, { "name": "v6", "prefix": "2001:db8::/44", "blockLength": 60 }]""", "twice")]
    [InlineData("null", "array")]
    [InlineData("", "JSON")]
    public void Host_WithABadPoolsFile_SaysWhatIsWrong(string text, string named)
    {
        using var folder = new ScratchFolder();
        var file = folder.Write("pools.json", text);

        var failure =
            Assert.Throws<FormatException>(() => LocalFleetHost.Start(new LocalFleetConfig { PoolsFile = file }));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }
}
