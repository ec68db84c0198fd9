using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tests.Http;

/// <summary>A connection as sessions, limits and drains see it, whatever carries it.</summary>
public sealed class ClientConnectionTests : IDisposable
{
    private readonly FakeCarrier _carrier = new();

    public void Dispose() => _carrier.Dispose();

    [Fact]
    public void Session_HasWhatTheCarrierKnows()
    {
        _carrier.Client.OnEstablished();
        var session = _carrier.Client.Session;
        Assert.Equal(
            (HttpProtocol.Http2, _carrier.ClientEndPoint, "anonymous"),
            (session.Protocol, session.Client, session.Identity.Text));
        Assert.Same(session, _carrier.Client.Session);
    }

    [Fact]
    public void Drain_WaitsForTheLastRequestAndThenCloses()
    {
        _carrier.Client.OnEstablished();
        var streams = Enumerable.Range(0, 3).Select(_ => Open()).ToArray();
        _carrier.Client.Drain(0);
        _carrier.Simulation.Run(Time.Seconds(20));
        Assert.Equal(["announce"], _carrier.Told);
        Assert.True(_carrier.Client.Session.IsDraining);
        foreach (var index in (int[])[1, 0, 2])
        {
            Assert.True(_carrier.Client.HasOpenRequests);
            streams[index].Request.OnEndOfStream();
            Assert.True(_carrier.Run(() => streams[index].Ended));
            streams[index].Close();
        }
        Assert.True(_carrier.Run(() => _carrier.Told.Count == 3));
        Assert.Equal(["announce", "refuse", "shutdown"], _carrier.Told);
    }

    [Fact]
    public void Drain_BeforeTheHandshake_ComesWithIt()
    {
        _carrier.Limits.Drain();
        _carrier.Client.Drain(0);
        Assert.Empty(_carrier.Told);
        _carrier.Client.OnEstablished();
        Assert.True(_carrier.Run(() => _carrier.Told.Count == 3));
        Assert.Equal(["announce", "refuse", "shutdown"], _carrier.Told);
    }

    /// <summary>Who is told of a defect by the loop must not throw: that would be the loop's own, and end the process.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Defect_AtTheEndThatOneMakes_IsCounted_AndGoesNoFurther(bool memory)
    {
        _carrier.BreakFault = memory ? new OutOfMemoryException() : new InvalidOperationException();
        _carrier.Client.OnDefect(new InvalidOperationException());
        Assert.Equal(["break"], _carrier.Told);
        Assert.Equal(memory ? (1, 1) : (2, 0), (_carrier.Loop.Defects.Count, _carrier.Loop.OutOfMemory));
    }

    [Fact]
    public void Silence_EndsItAsIdle()
    {
        _carrier.Client.OnEstablished();
        var stream = Open();
        _carrier.Simulation.Run(Time.Seconds(599));
        Assert.Empty(_carrier.Told);
        _carrier.Simulation.Run(Time.Seconds(2));
        Assert.Equal(["shutdown"], _carrier.Told);
        stream.Close();
        Assert.Contains(" outcome=idle_timeout ", Assert.Single(_carrier.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Session_IsEnded_ClosesItsTunnelsAndItsConnection()
    {
        _carrier.Client.OnEstablished();
        var (one, other) = (Open(), Open());
        ISessionConnection connection = _carrier.Client;
        connection.End(_carrier.Client.Session);
        Assert.True(_carrier.Run(() => one.Aborted is not null && other.Aborted is not null));
        Assert.Equal(["shutdown"], _carrier.Told);
        Assert.All(
            _carrier.Access, static line => Assert.Contains(" outcome=force_closed ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Requests_ThatDoNotArrive_AreResetAndCounted()
    {
        _carrier.LateRequests = 2;
        _carrier.Client.OnRequestAwaited();
        _carrier.Simulation.Run(Time.Seconds(9));
        Assert.Equal(0, _carrier.Loop.Counters.RefusedIncomplete);
        Assert.True(_carrier.Run(() => _carrier.Loop.Counters.RefusedIncomplete == 2));
    }

    private FakeRequestStream Open()
    {
        var stream = _carrier.Ask((":method", "CONNECT"), (":authority", "target.test:80"));
        Assert.Equal(200, stream.Status);
        return stream;
    }
}
