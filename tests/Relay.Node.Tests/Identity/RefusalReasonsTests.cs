using Relay.Native.Trust;

namespace Relay.Node.Tests.Identity;

public class RefusalReasonsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RefusalReasons _reasons = new();

    [Fact]
    public void Reason_IsTaken_OnceAMinute()
    {
        Assert.Empty(_reasons.Take(Minute));
        _reasons.Note("a");
        _reasons.Note("a");
        _reasons.Note("b");
        Assert.Equal(["a", "b"], _reasons.Take(Minute));
        _reasons.Note("a");
        Assert.Empty(_reasons.Take(Minute * 1.9));
        // That which has just been taken begins the next minute.
        _reasons.Note("c");
        Assert.Equal(["c"], _reasons.Take(Minute * 2));
        _reasons.Note("c");
        _reasons.Note("a");
        Assert.Equal(["a"], _reasons.Take(Minute * 2));
    }

    /// <summary>Whoever has an intermediate may name as many below it as he likes.</summary>
    [Fact]
    public void Reasons_AreFew()
    {
        for (var i = 0; i < 100; i++)
            _reasons.Note($"{i}");
        Assert.Equal(RefusalReasons.Max, _reasons.Take(TimeSpan.Zero).Count);
        _reasons.Note("another");
        Assert.Empty(_reasons.Take(Minute / 2));
        Assert.Empty(_reasons.Take(Minute));
        _reasons.Note("another");
        Assert.Equal(["another"], _reasons.Take(Minute));
    }
}
