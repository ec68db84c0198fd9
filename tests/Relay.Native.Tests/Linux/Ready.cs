using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

/// <summary>Waits for sockets without sleeping, and never for long.</summary>
internal static class Ready
{
    internal const long BoundNanoseconds = 10_000_000_000;

    internal static EpollInterest Wait(int fd, EpollInterest interest)
    {
        using var epoll = new Epoll();
        epoll.Add(fd, interest, 7);
        var events = new EpollReady[1];
        Assert.Equal(1, epoll.Wait(events, BoundNanoseconds));
        Assert.Equal(7ul, events[0].Token);
        return events[0].Events;
    }

    /// <summary>
    /// Sends until a refusal has come, and waits to be taken: the kernel limits how many it gives, to all together
    /// (icmp_msgs_per_sec).
    /// </summary>
    internal static void WaitForRefusal(int fd, Action send)
    {
        do
            send();
        while (!IsNow(fd, EpollInterest.In));
    }

    internal static bool IsNow(int fd, EpollInterest interest)
    {
        using var epoll = new Epoll();
        epoll.Add(fd, interest, 0);
        return epoll.Wait(new EpollReady[1], 0) == 1;
    }
}
