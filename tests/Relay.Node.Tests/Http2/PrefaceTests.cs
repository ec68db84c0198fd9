using Relay.Node.Counters;
using Relay.Protocol;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>The beginning of a connection (RFC 9113 §3.4): it has the time of a request, as a slow head has.</summary>
public sealed class PrefaceTests
{
    public static TheoryData<int> Lengths => [0, 1, 23, 24, 24 + 8];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Preface_ThatDoesNotCome_OrNotAllOfIt_EndsTheConnection(int length)
    {
        using var peer = new RawPeer(speaks: false);
        if (length > 0)
            peer.Send(((byte[])[.. Preface, .. Write(Settings, 0, 0, [])])[..length]);
        peer.World.Simulation.Run(Time.Seconds(9.9));
        Assert.False(peer.Carrier.IsClosed);
        Assert.Equal(0, peer.World.Loop.Counters.RefusedIncomplete);
        peer.World.Simulation.Run(Time.Seconds(0.2));
        Assert.Equal(1, peer.World.Loop.Counters.RefusedIncomplete);
        peer.AssertEndedWith(Http2ErrorCode.SettingsTimeout);
    }

    [Fact]
    public void Preface_ByteByByte_IsTooLateAllTheSame()
    {
        using var peer = new RawPeer(speaks: false);
        foreach (var value in (byte[])[.. Preface, .. Write(Settings, 0, 0, [])])
        {
            peer.Send([value]);
            peer.World.Simulation.Run(Time.Milliseconds(400));
        }
        Assert.Equal(1, peer.World.Loop.Counters.RefusedIncomplete);
        peer.AssertEndedWith(Http2ErrorCode.SettingsTimeout);
    }

    // A browser connects before it has anything to ask for.
    [Fact]
    public void Preface_AndThenNothing_IsAnIdleClient()
    {
        using var peer = new RawPeer(speaks: false);
        peer.World.Simulation.Run(Time.Seconds(9));
        peer.Send(Preface, Write(Settings, 0, 0, []));
        peer.World.Simulation.Run(Time.Seconds(300));
        Assert.True(peer.IsAlive());
        Assert.Equal(0, peer.World.Loop.Counters.RefusedIncomplete);
        // What comes late afterwards has a time of its own.
        peer.Send(Write(Headers, 0, 1, Connect));
        peer.World.Simulation.Run(Time.Seconds(9));
        Assert.False(peer.Carrier.IsClosed);
        peer.World.Simulation.Run(Time.Seconds(1.1));
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Theory]
    [InlineData(32, 0)]
    [InlineData(33, 1)]
    public void Settings_OfMoreEntriesThanAreTaken_AreAFlood_AndCounted(int entries, int floods)
    {
        using var peer = new RawPeer();
        peer.Send(Write(Settings, 0, 0, [.. Enumerable.Range(0, entries).SelectMany(static _ => Setting(4, 65_535)[9..])]));
        Assert.Equal(floods, peer.World.Loop.Counters.Http2Floods[(int)Http2Flood.ControlFrames]);
        if (floods == 0)
            Assert.True(peer.IsAlive());
        else
            peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    // Errors that are no load are not counted as any.
    [Fact]
    public void ErrorThatNghttp2Sees_IsNoFlood()
    {
        using var peer = new RawPeer();
        peer.Send(Write(Settings, 0, 1, []));
        Assert.Equal([0L, 0, 0], peer.World.Loop.Counters.Http2Floods);
        peer.AssertEndedWith(Http2ErrorCode.ProtocolError);
    }
}
