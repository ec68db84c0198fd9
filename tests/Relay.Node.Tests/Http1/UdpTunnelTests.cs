using Relay.Protocol;

namespace Relay.Node.Tests.Http1;

/// <summary>CONNECT-UDP by Upgrade: capsules both ways, and every end.</summary>
public sealed class UdpTunnelTests : Http1Tests
{
    [Fact]
    public void Capsules_SplitAtEveryByte_ComeBack()
    {
        Open(udp: true);
        byte[] capsules =
        [
            .. Capsules.Write(CapsuleType.Datagram, 0, "one"u8), .. Capsules.Write(CapsuleType.Datagram, 0, ""u8),
            .. Capsules.Write(0x2a, 7, "of no meaning"u8), .. Capsules.Write(CapsuleType.Datagram, 0, new byte[200]),
        ];
        foreach (var value in capsules)
            Send([value]);
        Assert.True(Carrier.Run(() => World.Connector.Udp[0].Sent.Count == 3));
        Settle();
        Assert.True(Carrier.Run(() => Got.Count == capsules.Length - Capsules.Write(0x2a, 7, "of no meaning"u8).Length));
        Carrier.ReceiveEnd();
        Settle();
        Assert.True(Carrier.HasEndedWriting);
        Assert.False(Carrier.WasReset);
        AssertClean();
        Assert.Contains(" datagrams_up=3 datagrams_down=3 ", Assert.Single(World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_OfEverySize_PassBothWays()
    {
        Open(udp: true);
        var expected = new List<byte>();
        foreach (var length in (int[])[0, 1, 60, 61, 62, 63, 1200, 16_379, 16_380, 16_384, 40_000, 65_526, 65_527])
        {
            var capsule = Capsules.Write(CapsuleType.Datagram, 0, Pattern.Bytes(length));
            expected.AddRange(capsule);
            Send(capsule);
            Assert.True(Carrier.Run(() => Got.Count == expected.Count));
            Assert.Equal(length, World.Connector.Udp[0].Sent[^1].Length);
        }
        Assert.Equal(expected, Got);
    }

    [Fact]
    public void Flood_ToAClientThatDoesNotRead_StaysInTheKernel()
    {
        World.Connector.SetUpUdp = static _ => { };
        Open(udp: true);
        Carrier.Room = 1;
        World.Connector.Udp[0].Flood(1000, 1000);
        Settle();
        Assert.InRange(World.Connector.Udp[0].Taken, 1, 17);
        Carrier.Room = int.MaxValue;
        Carrier.RequestWrite();
        Settle();
        Assert.Equal((1000L, 1000 * 1004), (World.Connector.Udp[0].Taken, Got.Count));
    }

    [Fact]
    public void Target_Unreachable_EndsInOrder()
    {
        Open(udp: true);
        World.Connector.Udp[0].Fail(errno: 111);
        Settle();
        Assert.True(Carrier.HasEndedWriting);
        AssertEnded("target_aborted", reset: false);
    }

    [Fact]
    public void ForcedClose_EndsInOrderAndNotWithinACapsule()
    {
        World.Connector.SetUpUdp = static _ => { };
        Open(udp: true);
        Carrier.Room = 1;
        World.Connector.Udp[0].Deliver(Pattern.Bytes(60_000));
        Settle();
        Carrier.Client.ForceCloseTunnels();
        Carrier.Client.Shutdown();
        Settle();
        Assert.False(Carrier.IsClosed);
        Carrier.Room = int.MaxValue;
        Carrier.RequestWrite();
        Settle();
        Assert.Equal(Capsules.Write(CapsuleType.Datagram, 0, Pattern.Bytes(60_000)), Got);
        AssertEnded("force_closed", reset: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Violation_Resets(bool truncated)
    {
        Open(udp: true);
        if (truncated)
        {
            Send(Capsules.Write(CapsuleType.Datagram, 0, "cut"u8).AsSpan(0, 4));
            Carrier.ReceiveEnd();
        }
        else
            Send([.. Capsules.Header(CapsuleType.Datagram, 0), .. Capsules.Write(CapsuleType.Datagram, 0, "x"u8)]);
        Settle();
        Assert.Empty(World.Connector.Udp[0].Sent);
        AssertEnded("protocol_violation", reset: true);
    }

    [Theory]
    [InlineData(true, "completed")]
    [InlineData(false, "client_aborted")]
    public void Client_Gone_EndsTheTunnel(bool inOrder, string outcome)
    {
        Open(udp: true);
        Carrier.Lose(inOrder);
        AssertClean();
        Assert.Equal(1, World.Connector.Udp[0].Closes);
        Assert.Contains($" outcome={outcome} ", Assert.Single(World.Access), StringComparison.Ordinal);
    }

    [Fact]
    public void Silence_EndsTheTunnelInOrder()
    {
        Open(udp: true);
        World.Simulation.Run(Time.Seconds(121));
        Assert.True(Carrier.HasEndedWriting);
        AssertEnded("idle_timeout", reset: false);
    }
}
