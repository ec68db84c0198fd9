using Relay.Native.Http2;

namespace Relay.Native.Tests.Http2;

/// <summary>Two sessions and nothing between them: what the engine promises whoever is above it.</summary>
public sealed class Http2SessionTests : IDisposable
{
    private const uint Cancel = 8;
    private const uint Calm = 0xb;

    private readonly TestSession _server = new(server: true);
    private readonly TestSession _client = new(server: false);

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(16 * 1024)]
    [InlineData(100_000)]
    public void Bodies_InPiecesOfAnySize_Arrive(int piece)
    {
        _server.OnRequest = static stream =>
        {
            stream.Left = 300_000;
            stream.Answer();
        };
        var stream = _client.Ask(length: 200_000);
        _client.Exchange(_server, piece);
        var other = Assert.Single(_server.All);
        Assert.Equal([":method: CONNECT", ":authority: target.test:80"], other.Fields);
        Assert.Equal([":status: 200"], stream.Fields);
        Assert.Equal((300_000, 200_000), (stream.Taken, other.Taken));
        Assert.Equal((true, true, true, true), (stream.Ended, other.Ended, stream.IsClosed, other.IsClosed));
        Assert.Equal((0u, 0u, 0, 0), (stream.ClosedCode, other.ClosedCode, _client.StreamCount, _server.StreamCount));
    }

    [Fact]
    public void Frame_IsOneRecord()
    {
        var stream = _client.Ask(length: 10_000_000);
        _client.Exchange(_server);
        Assert.Equal(16 * 1024, Http2Session.MaxDataLength + 9);
        Assert.Equal(Http2Session.MaxDataLength, stream.LargestPull);
    }

    [Fact]
    public void Nothing_AtTheMoment_WaitsUntilResumed()
    {
        var stream = _client.Ask(length: -1);
        _client.Exchange(_server);
        stream.Left = 10;
        _client.Exchange(_server);
        Assert.Equal(0, _server.All[0].Taken);
        stream.Resume();
        _client.Exchange(_server);
        Assert.Equal(10, _server.All[0].Taken);
    }

    [Fact]
    public void Resume_WithinAPull_IsNotLost()
    {
        var stream = _client.Ask(length: -1);
        var pulls = 0;
        stream.On = _ =>
        {
            // The second time there is something.
            if (++pulls == 1)
                stream.Resume();
            else if (pulls == 2)
                stream.Left = 10;
        };
        _client.Exchange(_server);
        Assert.Equal((10, true), (_server.All[0].Taken, _server.All[0].Ended));
    }

    [Fact]
    public void Reset_FromWithinEachEvent_ClosesBothSides()
    {
        foreach (var (atServer, name) in new[] { (true, "body"), (false, "pull") })
        {
            _server.OnRequest = other =>
            {
                if (atServer)
                    other.On = on => ResetOn(on, name, other);
                other.Answer();
            };
            var stream = _client.Ask(length: 100_000);
            if (!atServer)
                stream.On = on => ResetOn(on, name, stream);
            _client.Exchange(_server);
            Assert.Equal((Cancel, Cancel), (stream.ClosedCode, _server.All[^1].ClosedCode));
            Assert.Equal(Cancel, atServer ? stream.ResetCode : _server.All[^1].ResetCode);
        }
        Assert.Empty(_server.OwnResets);
        Assert.Empty(_client.OwnResets);
    }

    [Theory]
    [InlineData("body", true)]
    [InlineData("pull", false)]
    public void Exception_OfAnEvent_ComesOutOfTheCallThatLedToIt(string name, bool atServer)
    {
        _server.OnRequest = other =>
        {
            if (atServer)
                other.On = on => Throw(on, name);
            other.Answer();
        };
        var stream = _client.Ask(length: 1000);
        if (!atServer)
            stream.On = on => Throw(on, name);
        var thrown = Assert.Throws<InvalidOperationException>(() => _client.Exchange(_server));
        Assert.Equal(name, thrown.Message);
    }

    [Fact]
    public void Terminate_TellsTheCodeAndIsTheEnd()
    {
        _ = _client.Ask(length: -1);
        _client.Exchange(_server);
        _server.Terminate(Calm);
        _server.Terminate(0);
        Assert.False(_server.IsOver);
        _client.Exchange(_server);
        Assert.Equal((Calm, Calm, Calm, true), (_client.GoAway, _client.CodeReceived, _server.CodeSent, _server.IsOver));
        _server.Lose();
        Assert.Equal((true, 1, Calm), (_server.All[0].IsClosed, _server.All[0].Closes, _server.All[0].ClosedCode));
    }

    [Fact]
    public void Dispose_ClosesEveryStreamOnceAndMakesAllElseNothing()
    {
        var stream = _client.Ask(length: 1_000_000);
        _client.Exchange(_server);
        var other = _client.Ask(length: -1);
        _client.Dispose();
        Assert.Equal((1, 1), (stream.Closes, other.Closes));
        other.Resume();
        other.Consume(1);
        other.Reset(Cancel);
        other.Answer();
        _client.Ping();
        _client.Receive("x"u8);
        Assert.Equal((0, true), (_client.Send(new byte[100]), _client.IsOver));
    }

    [Fact]
    public void Requests_BehindTheLastGoAway_MayBeTriedElsewhere()
    {
        _client.Exchange(_server);
        Assert.True(_client.TakesRequests);
        // On its way when the server says which was the last.
        var stream = _client.Ask(length: 10);
        _server.RefuseRequests();
        _server.Exchange(_client);
        Assert.Equal((7u, false), (stream.ClosedCode, _client.TakesRequests));
        Assert.Empty(_server.All);
    }

    private static void ResetOn(string on, string name, TestStream stream)
    {
        if (on == name)
            stream.Reset(Cancel);
    }

    private static void Throw(string on, string name)
    {
        if (on == name)
            throw new InvalidOperationException(name);
    }
}
