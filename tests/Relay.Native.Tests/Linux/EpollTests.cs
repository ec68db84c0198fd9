using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class EpollTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wait_EdgeTriggered_ReportsEachChangeOnce(bool nanoseconds)
    {
        using var epoll = new Epoll();
        if (!nanoseconds)
            epoll.DisableNanoseconds();
        using var first = new EventFd();
        using var second = new EventFd();
        epoll.Add(first.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, 0x1122334455667788);
        epoll.Add(second.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, ulong.MaxValue);
        var events = new EpollReady[4];
        Assert.Equal(0, epoll.Wait(events, 0));

        first.Signal();
        Assert.Equal(1, epoll.Wait(events, -1));
        Assert.Equal(0x1122334455667788ul, events[0].Token);
        Assert.Equal(EpollInterest.In, events[0].Events);
        Assert.Equal(0, epoll.Wait(events, 0)); // still readable, but that is not news

        first.Signal();
        second.Signal();
        Assert.Equal(2, epoll.Wait(events, Ready.BoundNanoseconds));
        Assert.Equal([0x1122334455667788, ulong.MaxValue], events[..2].Select(ready => ready.Token).Order().ToArray());

        epoll.Modify(first.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, 3);
        Assert.Equal(1, epoll.Wait(events, 0));
        Assert.Equal(3ul, events[0].Token);
        Assert.True(epoll.Remove(first.Fd));
        Assert.False(epoll.Remove(first.Fd));
        first.Signal();
        Assert.Equal(0, epoll.Wait(events, 0));
    }

    [Fact]
    public void Wait_WithTimeout_LastsThatLong()
    {
        using var epoll = new Epoll();
        var start = Clock.Now;
        Assert.Equal(0, epoll.Wait(new EpollReady[1], 300_000));
        Assert.InRange(Clock.Now - start, 300_000ul, (ulong)Ready.BoundNanoseconds);
    }

    [Theory]
    [InlineData(-5, -1)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_001, 2)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void ToMilliseconds_OfNanoseconds_RoundsUp(long nanoseconds, int milliseconds) =>
        Assert.Equal(milliseconds, Epoll.ToMilliseconds(nanoseconds));

    [Fact]
    public void Convert_OfAlignedEvents_KeepsThem()
    {
        var packed = new EpollReady[3];
        epoll_event[] aligned = [new() { events = 1, data = ulong.MaxValue }, new() { events = 0x80000004, data = 2 }];
        EpollReady.Convert(aligned, packed);
        Assert.Equal((EpollInterest.In, ulong.MaxValue), (packed[0].Events, packed[0].Token));
        Assert.Equal((EpollInterest.Out | EpollInterest.EdgeTriggered, 2ul), (packed[1].Events, packed[1].Token));
    }

    [Fact]
    public void Add_OfClosedDescriptor_Throws()
    {
        using var epoll = new Epoll();
        var exception = Assert.Throws<SocketSystemException>(() => epoll.Add(-1, EpollInterest.In, 0));
        Assert.Equal(Errno.EBADF, exception.Errno);
        epoll.Dispose();
        Assert.Equal(-Errno.EBADF, epoll.Wait(new EpollReady[1], 0));
    }

    [Fact]
    public void EventFd_SignalledFromAnotherThread_WakesTheWaiter()
    {
        using var epoll = new Epoll();
        using var wake = new EventFd();
        epoll.Add(wake.Fd, EpollInterest.In, 1);
        Assert.False(wake.Drain());
        var thread = new Thread(wake.Signal);
        thread.Start();
        Assert.Equal(1, epoll.Wait(new EpollReady[1], Ready.BoundNanoseconds));
        thread.Join();
        wake.Signal();
        Assert.True(wake.Drain());
        Assert.False(wake.Drain());
        wake.Dispose();
        wake.Signal(); // nobody to wake, no error
    }
}
