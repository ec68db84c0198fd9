using Relay.Node.Sessions;
using Relay.Node.Tests.Fleet;

namespace Relay.Node.Tests.Identity;

/// <summary>Whom a session's pace has held back goes on when it may.</summary>
public class SessionPaceTests
{
    [Fact]
    public void Tunnel_ThatThrowsWhenItMayGoOn_KeepsNoOtherWaiting()
    {
        var loop = new FakeLoop(new Simulation());
        var session = new FakeSessions().Begin();
        session.Owner!.Limits = new IdentityLimits { BytesPerSecond = 1000 };
        var pace = new SessionPace(loop, session);
        while (pace.TryPass())
            pace.Pay(100_000);
        Paced[] tunnels = [new(), new() { Fault = new InvalidOperationException() }, new()];
        Assert.All(tunnels, tunnel => Assert.False(pace.TryPass(tunnel)));
        session.Owner.Limits = IdentityLimits.None;
        loop.Timers.Fire(ulong.MaxValue);
        Assert.All(tunnels, static tunnel =>
        {
            Assert.Equal((1, false), (tunnel.Turns, tunnel.AwaitsPace));
            Exception[] thrown = tunnel.Fault is null ? [] : [tunnel.Fault];
            Assert.Equal(thrown, tunnel.Defects);
        });
    }

    private sealed class Paced : IPaced
    {
        public Exception? Fault { get; init; }

        public int Turns { get; private set; }

        public List<Exception> Defects { get; } = [];

        public bool AwaitsPace { get; set; }

        public void OnPace()
        {
            Turns++;
            if (Fault is not null)
                throw Fault;
        }

        public void OnDefect(Exception exception) => Defects.Add(exception);
    }
}
