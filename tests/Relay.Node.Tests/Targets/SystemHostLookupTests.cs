using System.Net;
using System.Net.Sockets;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class SystemHostLookupTests
{
    [Fact]
    public async Task LookUpAsync_Localhost_IsLoopback()
    {
        var addresses = await new SystemHostLookup().LookUpAsync("localhost");
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(IPAddress.IsLoopback(address)));
    }

    [Fact]
    public async Task LookUpAsync_Blocked_OthersGoAhead()
    {
        using var release = new SemaphoreSlim(0);
        var lookup = new SystemHostLookup(host =>
        {
            if (host == "slow")
                release.Wait();
            return [IPAddress.Loopback];
        });

        var slow = Enumerable.Range(0, 20).Select(_ => lookup.LookUpAsync("slow")).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => lookup.LookUpAsync("fast")));
        Assert.All(slow, task => Assert.False(task.IsCompleted));
        release.Release(20);
        await Task.WhenAll(slow);
    }

    [Fact]
    public async Task LookUpAsync_Throws_FailsTheTaskAndTheThreadLivesOn()
    {
        var lookup = new SystemHostLookup(host =>
            host == "bad" ? throw new SocketException((int)SocketError.HostNotFound) : [IPAddress.Loopback]);
        for (int i = 0; i < 100; i++)
        {
            await Assert.ThrowsAsync<SocketException>(() => lookup.LookUpAsync("bad"));
            Assert.Single(await lookup.LookUpAsync("good"));
        }
    }

    [Fact]
    public async Task LookUpAsync_OneAfterTheOther_ThreadsAreUsedAgain()
    {
        var threads = new HashSet<int>();
        var lookup = new SystemHostLookup(_ =>
        {
            lock (threads)
                threads.Add(Environment.CurrentManagedThreadId);
            return [IPAddress.Loopback];
        });
        for (int i = 0; i < 200; i++)
        {
            await lookup.LookUpAsync("name");
            Assert.True(SpinWait.SpinUntil(() => lookup.IdleThreads == 1, TimeSpan.FromSeconds(30)));
        }

        Assert.Single(threads);
    }

    [Fact]
    public async Task LookUpAsync_FromManyThreads_EveryLookupEnds()
    {
        var lookup = new SystemHostLookup(host => [new IPAddress(int.Parse(host))]);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                int number = (worker * 1000) + i;
                Assert.Equal(new IPAddress(number), Assert.Single(await lookup.LookUpAsync($"{number}")));
            }
        })));
    }
}
