using Relay.Node.Io;

namespace Relay.Node.Tests.Io;

public class IdleTimerTests
{
    [Fact]
    public void Timer_Touched_FiresOnceAfterTheLastTouch()
    {
        var simulation = new Simulation();
        var loop = new FakeLoop(simulation);
        simulation.Add(new Turns(loop));
        var start = simulation.Now;
        ulong? firedAt = null;
        var timer = new IdleTimer(new NoOwner(), loop, 100, () =>
        {
            Assert.Null(firedAt);
            firedAt = loop.Now;
        });
        timer.Start();
        simulation.Run(60);
        timer.Touch();
        simulation.Run(99);
        Assert.Null(firedAt);
        simulation.Run(1000);
        Assert.Equal(start + 160, firedAt);
        Assert.Equal(0, loop.Timers.Count);
    }

    [Fact]
    public void Timer_Stopped_NeverFires()
    {
        var simulation = new Simulation();
        var loop = new FakeLoop(simulation);
        simulation.Add(new Turns(loop));
        var timer = new IdleTimer(new NoOwner(), loop, 100, static () => Assert.Fail("It was stopped."));
        timer.Stop();
        timer.Start();
        timer.Stop();
        simulation.Run(1000);
        Assert.Equal(0, loop.Timers.Count);
    }

    private sealed class Turns(FakeLoop loop) : IActor
    {
        public ulong Next => loop.Timers.Next;

        public bool Turn()
        {
            loop.Timers.Fire(loop.Now);
            return false;
        }
    }
}
