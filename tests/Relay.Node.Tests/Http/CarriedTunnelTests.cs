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
