using Relay.Node.Io;

namespace Relay.Node.Tests.Io;

public class TurnShareTests
{
    private readonly Simulation _simulation = new();
    private readonly FakeLoop _loop;
    private readonly TurnShare _share;

    public TurnShareTests()
    {
        _loop = new FakeLoop(_simulation);
        _share = new TurnShare(_loop);
    }

    [Theory]
    // A piece of work takes from one look at the clock to the next.
    [InlineData(100_000_000ul, 1)]
    [InlineData(62_500ul, 4)]
    [InlineData(25_000ul, 10)]
    [InlineData(2_500ul, 100)]
    public void Pieces_OfATurn_AreOne_AndWhatAQuarterOfAMillisecondHasRoomFor(ulong work, int expected)
    {
        _loop.Work = work;
        Assert.Equal(expected, DoAll());
        Assert.False(_share.TryBegin());
        _share.BeginTurn();
        Assert.True(_share.TryBegin());
    }

    [Fact]
    public void Pieces_OfALongTurn_HaveAQuarterOfIt()
    {
        _loop.Elapsed = Time.Milliseconds(30);
        _loop.Work = Time.Microseconds(100);
        // Ten milliseconds, in pieces that take as long as a look at the clock behind each does.
        Assert.InRange(DoAll(), 100, 200);
    }

    [Fact]
    public void Turn_ThatIsLater_HasItsOwn()
    {
        _loop.Work = Time.Milliseconds(1);
        Assert.Equal(1, DoAll());
        Assert.True(_share.IsUsedUp);
        _simulation.Run(Time.Milliseconds(10));
        Assert.False(_share.IsUsedUp);
        _loop.RunReady();
        Assert.Equal(1, DoAll());
    }

    private int DoAll()
    {
        var done = 0;
        for (; _share.TryBegin() && done < 10_000; done++)
            _share.End();
        return done;
    }
}
