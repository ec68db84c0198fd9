using Relay.Node.Http1;
using Relay.Node.Streams;

namespace Relay.Node.Tests.Http1;

/// <summary>CONNECT over HTTP/1.1: bytes both ways, backpressure, and every end.</summary>
public sealed class TcpTunnelTests : Http1Tests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16 * 1024)]
    public void Megabytes_BothWays_PassUnchanged(int room)
    {
        const int Length = 3_000_000;
        World.Connector.SetUpTcp = static _ => { };
        Open(udp: false);
        World.Connector.Tcp[0].EndsAfterSource = true;
        World.Connector.Tcp[0].Produce(Length);
        var (got, sent) = (0, 0);
        Carrier.Wrote = piece =>
        {
            Assert.True(Pattern.Matches(piece.Span, got));
            got += piece.Length;
        };
        while (sent < Length)
        {
            // The way to the client is narrow, and full most of the time.
            Carrier.Room = room;
            Carrier.RequestWrite();
            while (sent < Length && Protocol.TakesBytes)
            {
                var piece = Math.Min(StreamProtocol.MaxPiece - (sent % 100), Length - sent);
                Send(Pattern.Bytes(piece, sent));
                sent += piece;
            }
            Settle();
        }
        Carrier.ReceiveEnd();
        Carrier.Room = int.MaxValue;
        Carrier.RequestWrite();
        Assert.True(Carrier.Run(() => Carrier.IsClosed));
        Assert.Equal(Length, got);
        var flow = World.Connector.Tcp[0];
        Assert.True(flow is { DeliveredPattern: true, Delivered: Length, EndDelivered: true, Closes: 1, Aborts: 0 });
        Assert.True(Carrier.HasEndedWriting);
        AssertEnded("completed", reset: false);
    }

    [Fact]
    public void Target_ThatSpeaksFirst_HasItsBytesInARecordAfterTheHead()
    {
        var pieces = new List<string>();
        Carrier.Wrote = piece => pieces.Add(System.Text.Encoding.Latin1.GetString(piece.Span));
        World.Connector.SetUpTcp = static flow => flow.Source = 100;
        Send(Connect);
        Settle();
        Assert.Equal([Connected.Length, 100], pieces.Select(static piece => piece.Length));
        Assert.Equal(Connected, pieces[0]);
    }

    [Fact]
    public void Target_ThatDoesNotRead_StopsItsClient()
    {
        World.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 100_000);
        Open(udp: false);
        var sent = 0;
        for (var turn = 0; turn < 100; turn++)
        {
            for (; Protocol.TakesBytes; sent += StreamProtocol.MaxPiece)
                Send(Pattern.Bytes(StreamProtocol.MaxPiece, sent));
            Settle();
        }
        Assert.InRange(
            sent, 100_000 + RequestStream.MaxUnconsumed - (2 * StreamProtocol.MaxPiece),
            100_000 + RequestStream.MaxUnconsumed);
        World.Connector.Tcp[0].BeginReading();
        Settle();
        Assert.True(Protocol.TakesBytes);
        Assert.True(World.Connector.Tcp[0].DeliveredPattern);
        Assert.Equal(sent, World.Connector.Tcp[0].Delivered);
    }

    [Fact]
    public void Client_ThatDoesNotRead_StopsItsTarget()
    {
        World.Connector.SetUpTcp = static _ => { };
        Open(udp: false);
        Carrier.Room = 2;
        World.Connector.Tcp[0].Produce(1_000_000);
        Settle();
        Assert.Equal(2 * StreamProtocol.MaxPiece, World.Connector.Tcp[0].Taken);
    }

    [Fact]
    public void Client_EndsFirst_TheTargetGoesOn()
    {
        World.Connector.SetUpTcp = static _ => { };
        Open(udp: false);
        Send("0123456789");
        Carrier.ReceiveEnd();
        Settle();
        var flow = World.Connector.Tcp[0];
        Assert.True(flow.EndDelivered);
        Assert.Equal((false, false), (Carrier.IsClosed, Carrier.HasEndedWriting));
        flow.Produce(50_000);
        Settle();
        Assert.Equal(Pattern.Bytes(50_000), Got);
        flow.End();
        Settle();
        Assert.True(Carrier.HasEndedWriting);
        Assert.Equal((1, 0), (flow.Closes, flow.Aborts));
        AssertClean();
    }

    [Fact]
    public void Target_EndsFirst_TheClientGoesOn()
    {
        World.Connector.SetUpTcp = static _ => { };
        Open(udp: false);
        World.Connector.Tcp[0].End();
        Settle();
        Assert.Equal((false, true), (Carrier.IsClosed, Carrier.HasEndedWriting));
        Send(Pattern.Bytes(20_000));
        Settle();
        var flow = World.Connector.Tcp[0];
        Assert.True(flow is { DeliveredPattern: true, Delivered: 20_000, EndDelivered: false });
        Carrier.ReceiveEnd();
        Settle();
        Assert.Equal((true, 1, 0), (flow.EndDelivered, flow.Closes, flow.Aborts));
        AssertEnded("completed", reset: false);
    }

    [Fact]
    public void Target_Resets_SoDoesTheRelay()
    {
        Open(udp: false);
        World.Connector.Tcp[0].Reset();
        Settle();
        Assert.False(Carrier.HasEndedWriting);
        AssertEnded("target_aborted", reset: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_Gone_ResetsTheTarget(bool open)
    {
        World.Connector.Hold = !open;
        Send(Connect + "x");
        Settle();
        Carrier.Lose(inOrder: false);
        AssertClean();
        Assert.Contains(" outcome=client_aborted ", Assert.Single(World.Access), StringComparison.Ordinal);
        if (open)
            Assert.Equal((0, 1), (World.Connector.Tcp[0].Closes, World.Connector.Tcp[0].Aborts));
        World.Connector.Release();
        Settle();
        Assert.Equal(open ? 0 : 1, World.Connector.Abandoned);
    }

    [Fact]
    public void Client_GoneAfterItsEnd_StillDelivers()
    {
        World.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        Open(udp: false);
        Send(Pattern.Bytes(5000));
        Carrier.ReceiveEnd();
        Settle();
        Carrier.Lose(inOrder: true);
        var flow = World.Connector.Tcp[0];
        Assert.False(flow.EndDelivered);
        flow.BeginReading();
        flow.End();
        Settle();
        Assert.True(flow is { DeliveredPattern: true, Delivered: 5000, EndDelivered: true });
        AssertClean();
    }

    [Fact]
    public void ForcedClose_Resets()
    {
        Open(udp: false);
        Assert.Equal(1, Carrier.Client.ForceCloseTunnels());
        Settle();
        AssertEnded("force_closed", reset: true);
    }

    [Fact]
    public void EndOfTheConnection_WithinBytes_IsNoEndInOrder()
    {
        Open(udp: false);
        Carrier.Client.Shutdown();
        Settle();
        Assert.True(Carrier.WasReset);
        AssertClean();
    }
}
