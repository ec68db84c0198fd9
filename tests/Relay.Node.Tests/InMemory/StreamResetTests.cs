using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>Requests that a client gives up before they are complete cost nothing that stays.</summary>
public class StreamResetTests : InMemoryTests
{
    [Fact]
    public void Reset_BeforeAnyByteOfTheRequest_GivesTheStreamsPlaceBack()
    {
        // A lost HEADERS frame is not sent again once the stream is reset: RESET_STREAM is all that arrives.
        var (network, client) = Start(new NodeSettings { MaxBidirectionalStreams = 16 }).WithClient();
        for (var i = 0; i < 100; i++)
        {
            Assert.True(network.Run(() => client.TryOpen(out var id) && Abandon(client, id)),
                $"No place after {i} streams.");
            network.Run(Time.Milliseconds(100));
        }
        var stream = network.Answered(client.Connect());
    }

    [Fact]
    public void Reset_WithinTheHeaderSection_GivesTheStreamsPlaceBack()
    {
        var (network, client) = Start(new NodeSettings { MaxBidirectionalStreams = 4 }).WithClient(null, out var link);
        for (var i = 0; i < 20; i++)
        {
            // The first packet of three arrives; the reset overtakes the others.
            var sent = link.Up.Sent;
            link.Up.Filter = _ => link.Up.Sent != sent + 2 && link.Up.Sent != sent + 3;
            var stream = client.ConnectUdp("target.test", "53", ("x-padding", new string('!', 3000)));
            network.Run(Time.Milliseconds(15));
            link.Up.Filter = static _ => true;
            stream.Reset(Http3ErrorCode.RequestCancelled);
            Assert.True(network.Run(() => stream.IsClosed && network.Node.Connection.StreamCount == 0),
                $"Stuck after {i}.");
        }
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Churn_StreamsResetAmongStreamsUsed_LeavesNothingBehind()
    {
        var (network, client) = Start(new NodeSettings { MaxBidirectionalStreams = 20 }).WithClient();
        for (var i = 0; i < 300; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                Assert.True(client.TryOpen(out var id));
                client.ResetStream(id, Http3ErrorCode.RequestCancelled);
            }
            var stream = client.Connect();
            stream.Finish();
            Assert.True(network.Run(() => stream.IsClosed));
            network.Run(Time.Milliseconds(30));
        }
        Assert.Equal(0, network.Node.Connection.StreamCount);
        Assert.Equal(0, network.Node.Connection.OvertakenCount);
    }

    private static bool Abandon(TestClient client, long id)
    {
        client.ResetStream(id, Http3ErrorCode.RequestCancelled);
        return true;
    }
}
