using Relay.Node.Http3;

namespace Relay.Node.Tests.Http3;

/// <summary>Bytes of packets that wait, and whose they are.</summary>
public class HeldSharesTests
{
    private const int Piece = 1024;

    /// <summary>Whatever one source has taken, many more have as much as each may have in any case.</summary>
    [Fact]
    public void Sources_AfterOneThatTookWhatItCould_HaveTheFloorEach_AndInAllNoMoreThanThereIs()
    {
        const int floors = HeldShares.ForFloors / HeldShares.Floor;
        var shares = new HeldShares();
        for (var connection = 0; connection < 100; connection++)
            _ = Fill(shares, 1);
        Assert.InRange(shares.Bytes, HeldShares.OfConnection, HeldShares.Most - HeldShares.ForFloors);
        for (var source = 2ul; source < 2 + floors; source++)
            Assert.InRange(Fill(shares, source), HeldShares.Floor, HeldShares.OfConnection);
        for (var source = 2ul + floors; source < 300; source++)
            Assert.InRange(Fill(shares, source), 0, HeldShares.Floor);
        Assert.InRange(shares.Bytes, HeldShares.Most - Piece + 1, HeldShares.Most);
    }

    /// <summary>As much as there is room for, of a new connection.</summary>
    private static int Fill(HeldShares shares, ulong source)
    {
        var own = 0;
        for (; shares.HasRoom(source, own, Piece); own += Piece)
            shares.Change(source, Piece);
        return own;
    }
}
