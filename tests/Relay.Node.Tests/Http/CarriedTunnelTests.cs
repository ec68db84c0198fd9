using System.Diagnostics;
using System.Text;
using Relay.Node.Counters;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http;

/// <summary>Tunnels over a carrier that is none of HTTP/3: bytes both ways, and every way to end.</summary>
public sealed class CarriedTunnelTests : IDisposable
{
    private readonly FakeCarrier _carrier = new();

    public void Dispose() => _carrier.Dispose();

    [Fact]
    public void Tcp_Echo_PassesBothWaysAndGivesTheWindowBack()
    {
        var stream = Open(udp: false);
        stream.Send("hello"u8);
        Assert.Equal(5, stream.Unconsumed);
        Assert.True(_carrier.Run(() => stream.Body.Count == 5));
        Assert.Equal(("hello", 0L), (Encoding.ASCII.GetString([.. stream.Body]), stream.Unconsumed));
        stream.Request.OnEndOfStream();
        Assert.True(_carrier.Run(() => stream.Ended));
        Assert.Equal((1, 0), (_carrier.Connector.Tcp[0].Closes, _carrier.Connector.Tcp[0].Aborts));
        Assert.Contains(" outcome=completed ", Assert.Single(_carrier.Access), StringComparison.Ordinal);
        Assert.Contains(" bytes_up=5 bytes_down=5 ", _carrier.Access[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Tcp_TargetDoesNotRead_TheWindowStaysWhereItIs()
    {
        _carrier.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var stream = Open(udp: false);
        var sent = new byte[3000];
        Pattern.Fill(sent, 0);
        stream.Send(sent);
        _carrier.Simulation.Run(Time.Seconds(1));
        Assert.Equal(2000, stream.Unconsumed);
        _carrier.Connector.Tcp[0].BeginReading();
        Assert.True(_carrier.Run(() => stream.Unconsumed == 0));
        Assert.True(_carrier.Connector.Tcp[0].DeliveredPattern);
    }

    [Fact]
    public void Udp_CapsulesSplitAtEveryByte_ReturnAsCapsules()
    {
        var stream = Open(udp: true);
        byte[] capsules =
        [
            .. Capsules.Write(CapsuleType.Datagram, 0, "one"u8), .. Capsules.Write(CapsuleType.Datagram, 0, ""u8),
            .. Capsules.Write(CapsuleType.Datagram, 0, new byte[200]),
        ];
        foreach (var value in capsules)
            stream.Send([value]);
        Assert.True(_carrier.Run(() => stream.Body.Count == capsules.Length));
        Assert.Equal(capsules, stream.Body);
        Assert.Equal(0, stream.Unconsumed);
        stream.Request.OnEndOfStream();
        Assert.True(_carrier.Run(() => stream.Ended));
        Assert.Contains(" datagrams_up=3 datagrams_down=3 ", Assert.Single(_carrier.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Udp_TargetUnreachable_EndsInOrder()
    {
        var stream = Open(udp: true);
        _carrier.Connector.Udp[0].Fail(errno: 111);
        Assert.True(_carrier.Run(() => stream.Ended));
        Assert.Null(stream.Aborted);
        Assert.Contains(" outcome=target_aborted ", Assert.Single(_carrier.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void EachReason_AbortsItsStreamOnce()
    {
        Expect(TunnelAbort.TargetFailed, udp: false, _ => _carrier.Connector.Tcp[^1].Reset());
        Expect(TunnelAbort.ClientAborted, udp: false, static stream => stream.Request.OnReset());
        Expect(TunnelAbort.ClientAborted, udp: true, static stream => stream.Request.OnReset());
        Expect(TunnelAbort.ForceClosed, udp: false, _ => _carrier.Client.ForceCloseTunnels());
        Expect(TunnelAbort.ForceClosed, udp: true, _ => _carrier.Client.ForceCloseTunnels());
        Expect(TunnelAbort.TimedOut, udp: false, static stream => stream.Request.OnEndOfStream(), echo: false);
        Expect(TunnelAbort.MalformedDatagram, udp: true, static stream => stream.Send(
            [.. Capsules.Header(CapsuleType.Datagram, 0)]));
        Expect(TunnelAbort.TruncatedCapsule, udp: true, static stream =>
        {
            stream.Send(Capsules.Write(CapsuleType.Datagram, 0, "cut"u8).AsSpan(0, 4));
            stream.Request.OnEndOfStream();
        });
    }

    // Bytes in blocks that two queues take for their own go to two clients.
    [Fact]
    public void Tcp_WithoutMemoryAsItOpens_GivesTheBlocksOfEarlyBytesBackOnce()
    {
        UpstreamBlocks.Trim();
        _carrier.Connector.Hold = true;
        var stream = _carrier.Ask((":method", "CONNECT"), (":authority", "target.test:80"));
        stream.Send("early"u8);
        _carrier.Loop.FlushFault = new OutOfMemoryException();
        _carrier.Connector.Release();
        Assert.True(_carrier.Run(() => _carrier.Told.Contains("break")));
        stream.Close();
        Assert.Equal(1, _carrier.Loop.OutOfMemory);
        Assert.NotSame(UpstreamBlocks.RentFor(1), UpstreamBlocks.RentFor(1));
    }

    [Fact]
    public void Tcp_FlushThatCouldNotBeAskedFor_IsAskedForAgain()
    {
        var stream = Open(udp: false);
        _carrier.Simulation.Run(Time.Seconds(1));
        _carrier.Loop.FlushFault = new OutOfMemoryException();
        Assert.Throws<OutOfMemoryException>(() => stream.Send("hel"u8));
        stream.Send("lo"u8);
        Assert.True(_carrier.Run(() => stream.Body.Count == 5));
    }

    /// <summary>Who goes on without its stream is found by whoever ends it; else it ends at once.</summary>
    [Fact]
    public void Tcp_ThatCannotGoOnWithoutItsStream_Ends()
    {
        _carrier.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var stream = Open(udp: false);
        stream.Send(new byte[3000]);
        stream.Request.OnEndOfStream();
        _carrier.Simulation.Run(Time.Seconds(1));
        var defect = new InvalidOperationException();
        _carrier.Shutdown();
        _carrier.UnconsumedFault = defect;
        stream.Close();
        _carrier.UnconsumedFault = null;
        Assert.Same(defect, Assert.Single(_carrier.Loop.Defects));
        Assert.Contains(" outcome=force_closed ", Assert.Single(_carrier.Access), StringComparison.Ordinal);
        Assert.Equal((1, 0L), (_carrier.Connector.Tcp[0].Aborts, _carrier.Limits.Tunnels));
    }

    /// <summary>A tunnel that did not come to be has no end by which it would be counted no more.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tunnel_ThatCannotBegin_IsNotCounted(bool udp)
    {
        var (thread, defect) = (Environment.CurrentManagedThreadId, new InvalidOperationException());
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == TunnelTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                Environment.CurrentManagedThreadId == thread ? throw defect : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        Assert.Same(defect, Assert.Throws<InvalidOperationException>(() => Open(udp)));
        Assert.Equal((0, 0L), (_carrier.Client.TunnelCount, _carrier.Limits.Tunnels));
    }

    private void Expect(TunnelAbort reason, bool udp, Action<FakeRequestStream> act, bool echo = true)
    {
        _carrier.Connector.SetUpTcp = flow => flow.Echo = echo;
        _carrier.Access.Clear();
        var stream = Open(udp);
        act(stream);
        Assert.True(_carrier.Run(() => stream.Aborted is not null), $"{reason} does not abort.");
        Assert.Equal(reason, stream.Aborted);
        Assert.Contains(
            $" outcome={TunnelOutcomeNames.Of(TunnelAborts.OutcomeOf(reason))} ", Assert.Single(_carrier.Access),
            StringComparison.Ordinal);
        stream.Close();
        Assert.Equal((0, 0L), (_carrier.Client.TunnelCount, _carrier.Limits.Tunnels));
    }

    private FakeRequestStream Open(bool udp)
    {
        var stream = udp
            ? _carrier.Ask(
                (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"),
                (":authority", "relay.test"), (":path", "/.well-known/masque/udp/target.test/53/"))
            : _carrier.Ask((":method", "CONNECT"), (":authority", "target.test:80"));
        Assert.Equal(200, stream.Status);
        return stream;
    }
}
