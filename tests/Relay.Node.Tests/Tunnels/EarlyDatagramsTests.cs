using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Tunnels;

public class EarlyDatagramsTests
{
    [Fact]
    public void TryHold_NinthDatagram_IsRefused()
    {
        var early = new EarlyDatagrams();
        Assert.True(early.IsEmpty);
        for (var i = 0; i < EarlyDatagrams.MaxCount; i++)
            Assert.True(early.TryHold([(byte)i]));
        Assert.False(early.TryHold([9]));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], Release(ref early).Select(static d => (int)d[0]));
    }

    [Fact]
    public void TryHold_MoreBytesThanTheBound_IsRefusedAndSmallerOnesStillFit()
    {
        var early = new EarlyDatagrams();
        Assert.True(early.TryHold(new byte[EarlyDatagrams.MaxBytes - 10]));
        Assert.False(early.TryHold(new byte[11]));
        Assert.True(early.TryHold(new byte[10]));
        Assert.False(early.TryHold(new byte[1]));
        Assert.True(early.TryHold([]));
        Assert.Equal([EarlyDatagrams.MaxBytes - 10, 10, 0], Release(ref early).Select(static d => d.Length));
    }

    [Fact]
    public void TryHold_CallersMemoryChanges_CopyDoesNot()
    {
        var early = new EarlyDatagrams();
        byte[] bytes = [1, 2, 3];
        Assert.True(early.TryHold(bytes));
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], Assert.Single(Release(ref early)));
    }

    [Fact]
    public void Release_Twice_GivesNothingTheSecondTime()
    {
        var early = new EarlyDatagrams();
        Assert.True(early.TryHold([1]));
        Assert.Single(Release(ref early));
        Assert.True(early.IsEmpty);
        Assert.Empty(Release(ref early));
        Assert.True(early.TryHold(new byte[EarlyDatagrams.MaxBytes]));
    }

    private static List<byte[]> Release(ref EarlyDatagrams early)
    {
        var released = new List<byte[]>();
        early.Release(released, static (list, payload) => list.Add(payload));
        return released;
    }
}
