using System.Net.Sockets;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class SystemHostLookupTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork;

    [Fact]
    public async Task LookUpAsync_Localhost_IsLoopback()
    {
        var addresses = await new SystemHostLookup().LookUpAsync("localhost", V4);
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(IPAddress.IsLoopback(address)));
        Assert.All(addresses, address => Assert.Equal(V4, address.AddressFamily));
    }

    [Fact]
    public async Task LookUpAsync_Blocked_OthersGoAhead()
    {
        using var release = new SemaphoreSlim(0);
        var lookup = new SystemHostLookup((host, _) =>
        {
            if (host == "slow")
                release.Wait();
            return [IPAddress.Loopback];
        });

        var slow = Enumerable.Range(0, 20).Select(_ => lookup.LookUpAsync("slow", V4)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => lookup.LookUpAsync("fast", V4)));
        Assert.All(slow, task => Assert.False(task.IsCompleted));
        release.Release(20);
        await Task.WhenAll(slow);
    }

    [Fact]
    public async Task LookUpAsync_Throws_FailsTheTaskAndTheThreadLivesOn()
    {
        var lookup = new SystemHostLookup((host, _) =>
            host == "bad" ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Loopback]);
        for (int i = 0; i < 100; i++)
        {
            await Assert.ThrowsAsync<SocketException>(() => lookup.LookUpAsync("bad", V4));
            Assert.Single(await lookup.LookUpAsync("good", V4));
        }
    }

    [Fact]
    public async Task LookUpAsync_OneAfterTheOther_ThreadsAreUsedAgain()
    {
        var threads = new HashSet<int>();
        var lookup = new SystemHostLookup((_, _) =>
        {
            lock (threads)
                threads.Add(Environment.CurrentManagedThreadId);
            return [IPAddress.Loopback];
        });
        for (int i = 0; i < 200; i++)
        {
            await lookup.LookUpAsync("name", V4);
            Assert.True(SpinWait.SpinUntil(() => lookup.IdleThreads == 1, TimeSpan.FromMinutes(5)));
        }

        Assert.Single(threads);
    }

    [Fact]
    public async Task LookUpAsync_FromManyThreads_EveryLookupEnds()
    {
        var lookup = new SystemHostLookup((host, _) => [new IPAddress(int.Parse(host))]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                int number = (worker * 1000) + i;
                Assert.Equal(new IPAddress(number), Assert.Single(await lookup.LookUpAsync($"{number}", V4)));
            }
        })));
    }
}
