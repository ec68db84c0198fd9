namespace Relay.Node.Tests.Http1;

/// <summary>How long a connection lives: heads that do not come, drains, and silence.</summary>
public sealed class LifetimeTests : Http1Tests
{
    private const string Late = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n"
        + "Proxy-Status: relay-node; error=http_request_error\r\n" + AltSvc + "\r\n";

    [Theory]
    [InlineData("")]
    [InlineData("CONNECT target.test:80 HTT")]
    public void Head_ThatDoesNotCome_IsAnsweredAndCounted(string begun)
    {
        Send(begun);
        World.Simulation.Run(Time.Seconds(9.9));
        Assert.Empty(Got);
        World.Simulation.Run(Time.Seconds(0.2));
        Assert.Equal(Late, GotText);
        Assert.Equal((1L, 0L), (World.Loop.Counters.RefusedIncomplete, World.Loop.Counters.RequestsRefused));
        AssertClean();
    }

    [Fact]
    public void Head_ByteByByte_IsTooLateAllTheSame()
    {
        foreach (var letter in Connect.Take(15))
        {
            if (!Carrier.IsClosed)
                Send(letter.ToString());
            World.Simulation.Run(Time.Seconds(1));
        }
        Assert.Equal(Late, GotText);
        AssertClean();
    }

    [Fact]
    public void Tunnel_IsNotLate()
    {
        Open(udp: false);
        World.Simulation.Run(Time.Seconds(30));
        Assert.False(Carrier.IsClosed);
        Assert.Equal(0, World.Loop.Counters.RefusedIncomplete);
    }

    [Fact]
    public void End_WithoutARequest_EndsWithoutAnAnswer()
    {
        Send("CONNECT ");
        Carrier.ReceiveEnd();
        Settle();
        Assert.Empty(Got);
        AssertClean();
    }

    [Fact]
    public void Drain_WithoutARequest_Ends()
    {
        Carrier.Client.Drain(0);
        World.Simulation.Run(Time.Seconds(1));
        Assert.Empty(Got);
        Assert.False(Carrier.WasReset);
        AssertClean();
    }

    [Fact]
    public void Drain_WithATunnel_WaitsForItsEnd()
    {
        Open(udp: false);
        Carrier.Client.Drain(0);
        World.Simulation.Run(Time.Seconds(60));
        Assert.False(Carrier.IsClosed);
        Send("still here");
        Assert.True(Carrier.Run(() => GotText == "still here"));
        Carrier.ReceiveEnd();
        Settle();
        AssertEnded("completed", reset: false);
    }

    [Fact]
    public void Request_AfterTheAnnouncement_IsRefused()
    {
        const string Refused = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n"
            + "Proxy-Status: relay-node; error=connection_limit_reached; details=\"draining\"\r\nRetry-After: 1\r\n" + AltSvc + "\r\n";
        World.Limits.Drain();
        Carrier.Client.Drain(Time.Seconds(5));
        Send(Connect);
        Settle();
        Assert.Equal(Refused, GotText);
        AssertClean();
        Renew();
        World.Limits.Drain();
        Carrier.RefuseRequests();
        Send(Connect);
        Settle();
        Assert.Equal(Refused, GotText);
        Assert.Equal(1, World.Loop.Counters.RefusedDraining);
        AssertClean();
    }

    [Fact]
    public void Silence_OnATunnel_EndsItAsIdle()
    {
        Open(udp: false);
        World.Simulation.Run(Time.Seconds(599));
        Assert.False(Carrier.IsClosed);
        World.Simulation.Run(Time.Seconds(2));
        AssertEnded("idle_timeout", reset: true);
    }

    [Fact]
    public void RefusedLoad_IsAnsweredAndEnds()
    {
        Send("CONNECT ");
        Carrier.RefuseLoad();
        Settle();
        Assert.StartsWith("HTTP/1.1 431 ", GotText, StringComparison.Ordinal);
        AssertClean();
    }
}
