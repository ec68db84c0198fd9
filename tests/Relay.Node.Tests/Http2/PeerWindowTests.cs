using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>A client's windows, byte by byte: RFC 9113 §6.9.1 and §6.9.2, by the cases of h2spec's list.</summary>
public sealed class PeerWindowTests
{
    private const int InitialWindow = 4;

    [Fact]
    public void Window_OfOneByte_GetsOneByte_AndWhatAnUpdateAdds()
    {
        using var peer = Tunnel(window: 1);
        Assert.Equal([1], Sent(peer));
        peer.Send(Update(1, 3));
        Assert.Equal([1, 3], Sent(peer));
        peer.AssertClean();
    }

    [Fact]
    public void Window_ChangedAfterTheRequest_IsThatOfTheOpenStream()
    {
        using var peer = Tunnel(window: 0);
        Assert.Empty(Sent(peer));
        peer.Send(Setting(InitialWindow, 1));
        Assert.Equal([1], Sent(peer));
        peer.Send(Write(Settings, 0, 0, [.. Setting(InitialWindow, 100)[9..], .. Setting(InitialWindow, 3)[9..]]));
        Assert.Equal([1, 2], Sent(peer));
        peer.AssertClean();
    }

    [Fact]
    public void Window_BelowNothing_IsFilledUpFirst()
    {
        using var peer = Tunnel(window: 3);
        Assert.Equal([3], Sent(peer));
        peer.Send(Setting(InitialWindow, 1));
        peer.Send(Update(1, 2));
        Assert.Equal([3], Sent(peer));
        peer.Send(Update(1, 1));
        Assert.Equal([3, 1], Sent(peer));
        peer.AssertClean();
    }

    [Fact]
    public void WindowOfTheConnection_HoldsUpEveryStream()
    {
        using var peer = Tunnel(window: 100_000, length: 70_000);
        Assert.Equal(65_535, Sent(peer).Sum());
        peer.Send(Update(0, 65));
        Assert.Equal(65_600, Sent(peer).Sum());
        peer.AssertClean();
    }

    /// <summary>A tunnel whose target has sent bytes.</summary>
    private static RawPeer Tunnel(uint window, int length = 10)
    {
        var peer = new RawPeer();
        peer.Send(Setting(InitialWindow, window), Request(1, Connect));
        peer.World.Connector.Tcp[0].Produce(length);
        peer.Settle();
        return peer;
    }

    private static IEnumerable<int> Sent(RawPeer peer) =>
        peer.Received.Where(static frame => frame.Type == Data).Select(static frame => frame.Payload.Length);
}
