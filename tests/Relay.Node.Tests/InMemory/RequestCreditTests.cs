using Relay.Native.Linux;
using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>Streams without a request cost memory, and are few; those with one may be as many as tunnels.</summary>
public class RequestCreditTests : InMemoryTests
{
    private const int Awaited = 100;
    private const int Unaccepted = 512;
    private static readonly byte[] Beginning = [1, 64]; // HEADERS, and half of its length

    [Fact]
    public void StreamsWithoutARequest_AreAtMostAHundred_AndThoseThatCloseMakeRoom()
    {
        var network = Start();
        var client = network.EstablishRaw();
        var streams = OpenAll(client);
        Assert.Equal(Awaited, streams.Count);
        foreach (var stream in streams)
            client.Send(stream, Beginning);
        Assert.True(network.Run(() => network.Node.Connection.AwaitedRequests == Awaited));
        network.Run(Time.Seconds(1));
        Assert.Empty(OpenAll(client));
        foreach (var stream in streams.Take(7))
            client.Reset(stream, Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => network.Node.Connection.AwaitedRequests == Awaited - 7));
        network.Run(Time.Seconds(1));
        Assert.Equal(7, OpenAll(client).Count);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Stream_WithoutAWholeRequestForTenSeconds_IsReset_OthersAreNot()
    {
        var network = Start();
        var client = network.EstablishRaw();
        var (early, open) = (client.OpenBidirectional(), client.OpenBidirectional());
        client.Send(early, Beginning);
        client.Send(open, RawClient.ConnectHeaders());
        network.Run(Time.Seconds(5));
        var late = client.OpenBidirectional();
        client.Send(late, Beginning);
        network.Run(Time.Seconds(4.9));
        Assert.Empty(client.Resets);
        Assert.True(network.Run(() => client.Resets.Count == 1));
        Assert.Equal(Http3ErrorCode.RequestIncomplete, client.Resets[early]);
        network.Run(Time.Seconds(4.5));
        Assert.Single(client.Resets);
        Assert.True(network.Run(() => client.Resets.Count == 2));
        Assert.Equal(Http3ErrorCode.RequestIncomplete, client.Resets[late]);
        network.Run(Time.Seconds(60));
        Assert.Equal((2, 2L), (client.Resets.Count, network.Node.Loop.Counters.RefusedIncomplete));
        Assert.Equal((1L, 0), (network.Node.Loop.Counters.TunnelsActive, network.Node.Connection.AwaitedRequests));
    }

    [Fact]
    public void Streams_ResetForBeingLate_CountUntilTheirClientHasClosedThem()
    {
        var network = Start();
        var client = network.EstablishRaw();
        foreach (var stream in OpenAll(client))
            client.Send(stream, Beginning);
        Assert.True(network.Run(() => client.Resets.Count == Awaited));
        // ngtcp2 answers STOP_SENDING as RFC 9000 §3.5 asks, and so closes them.
        Assert.True(network.Run(() => network.Node.Connection.AwaitedRequests == 0));
        network.Run(Time.Seconds(1));
        Assert.Equal(Awaited, OpenAll(client).Count);
    }

    [Fact]
    public void Tunnels_FourThousandOfOneConnection_OpenAndOneMoreIsAnswered()
    {
        const int Limit = 4096;
        var network = Start(
            new NodeSettings { MaxTunnelsPerConnection = Limit, MaxBidirectionalStreams = Limit + 16 });
        var client = network.Establish();
        var streams = network.AskAll(client, Limit, _ => client.Connect());
        Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.Status == 200)));
        Assert.Equal(Limit, network.Node.Loop.Counters.TunnelsActive);
        for (var i = 0; i < 16; i++)
        {
            var refused = client.Connect();
            Assert.True(network.Run(() => refused.IsAnswered));
            Assert.Equal(503, refused.Status);
        }
        network.Run(Time.Seconds(20));
        Assert.False(client.HasStreamCredit);
        Assert.Equal((0, Limit), (network.Node.Closed.Count, (int)network.Node.Loop.Counters.TunnelsActive));
        Assert.Equal(0, network.Node.Loop.Counters.CreditWithheld);
        streams[5].Finish();
        Assert.True(network.Run(() => streams[5].IsClosed && client.HasStreamCredit));
    }

    [Fact]
    public void Requests_ThatWaitForTheirTarget_AreAtMost512_AndThoseThatAreAcceptedMakeRoom()
    {
        var network = Start(new NodeSettings { MaxTunnelsPerConnection = 4096, MaxBidirectionalStreams = 4112 });
        network.Node.Connector.Hold = true;
        var client = network.EstablishRaw();
        Assert.Equal(Unaccepted, AskAsLongAsThereIsCredit(network, client, RawClient.ConnectHeaders()).Count);
        // The last hundred give no credit for others.
        Assert.Equal(Awaited, network.Node.Loop.Counters.CreditWithheld);
        network.Node.Connector.Release();
        Assert.True(network.Run(() => client.HasStreamCredit));
        Assert.Equal(Unaccepted, AskAsLongAsThereIsCredit(network, client, RawClient.ConnectHeaders()).Count);
        Assert.Equal(2 * Unaccepted, network.Node.Loop.Counters.TunnelsActive);
    }

    // The client here does not end its side when it is asked to.
    [Fact]
    public void Requests_ThatWereRefused_AreAtMost512_UntilTheirStreamsAreClosed()
    {
        var network = Start(new NodeSettings { MaxTunnelsPerConnection = 4096, MaxBidirectionalStreams = 4112 });
        var client = network.EstablishPacketClient().Client;
        var asked = AskAsLongAsThereIsCredit(network, client, static _ => Http3Bytes.Get);
        Assert.Equal(Unaccepted, asked);
        var credit = client.MaxStreams;
        client.Send(QuicFrames.Reset(0, Http3ErrorCode.RequestCancelled, 1000));
        client.Send(QuicFrames.Reset(4, Http3ErrorCode.RequestCancelled, 1000));
        network.Run(Time.Seconds(1));
        Assert.Equal((false, credit + 2), (client.HasFailed, client.MaxStreams));
    }

    [Fact]
    public void Tunnels_OfUdpThatAreOver_GiveCreditForAFewHundredMore_WhileTheirClientKeepsTheStreams()
    {
        var network = Start(new NodeSettings
        {
            MaxTunnelsPerConnection = 4096,
            MaxBidirectionalStreams = 4112,
            MaxUnacceptedRequests = Awaited,
        });
        var client = network.EstablishPacketClient().Client;
        var failed = 0;
        var asked = AskAsLongAsThereIsCredit(network, client, static _ => Http3Bytes.ConnectUdp(), () =>
        {
            for (; failed < network.Node.Connector.Udp.Count; failed++)
            {
                // Without a byte they would be a scan's.
                network.Node.Connector.Udp[failed].Deliver(new byte[1]);
                network.Node.Connector.Udp[failed].Fail(Errno.ECONNREFUSED);
            }
        });
        Assert.InRange(asked, ClientConnection.MaxLeft, ClientConnection.MaxLeft + (2 * Awaited));
    }

    // Its answer to STOP_SENDING would close them.
    [Fact]
    public void Tunnels_ThatAreOver_GiveNoCreditWhileTheirClientKeepsTheStream()
    {
        var network = Start(new NodeSettings { MaxBidirectionalStreams = 400, MaxUnacceptedRequests = Awaited });
        // Without a byte they would be a scan's.
        network.Node.Connector.SetUpTcp = static flow => flow.Produce(10);
        var client = network.EstablishPacketClient().Client;
        var asked = 0;
        Ask(Awaited);
        Assert.True(network.Run(() => client.MaxStreams == 2ul * Awaited));
        foreach (var flow in network.Node.Connector.Tcp)
            flow.Reset();
        Assert.True(network.Run(() => network.Node.Loop.Counters.TunnelsActive == 0));
        Ask(Awaited);
        network.Run(Time.Seconds(1));
        Assert.Equal(2ul * Awaited, client.MaxStreams);

        void Ask(int count)
        {
            for (var i = 0; i < count; i++)
                client.Send(QuicFrames.Stream(4ul * (ulong)asked++, 0, Http3Bytes.Connect("a.test:80")));
            Assert.True(network.Run(() => network.Node.Loop.Counters.TunnelsActive == count));
        }
    }

    private static List<long> AskAsLongAsThereIsCredit(Network network, RawClient client, byte[] request)
    {
        var asked = new List<long>();
        while (client.HasStreamCredit)
        {
            foreach (var stream in OpenAll(client))
            {
                client.Send(stream, request);
                asked.Add(stream);
            }
            network.Run(Time.Seconds(1));
        }
        return asked;
    }

    /// <summary>How many requests a client can make that never ends a stream.</summary>
    private static int AskAsLongAsThereIsCredit(
        Network network, PacketClient client, Func<int, byte[]> request, Action? afterwards = null)
    {
        var asked = 0;
        while ((ulong)asked < Math.Max(client.MaxStreams, Awaited) && asked < 2000)
        {
            for (var left = Awaited; left > 0 && (ulong)asked < Math.Max(client.MaxStreams, Awaited); left--, asked++)
                client.Send(QuicFrames.Stream(4ul * (ulong)asked, 0, request(asked)));
            network.Run(Time.Seconds(1));
            afterwards?.Invoke();
            network.Run(Time.Seconds(1));
        }
        return asked;
    }

    private static List<long> OpenAll(RawClient client)
    {
        var opened = new List<long>();
        while (client.TryOpenBidirectional(out var stream))
            opened.Add(stream);
        return opened;
    }
}
