using Relay.Node.Io;

namespace Relay.Node.Tests.Io;

/// <summary>Bytes that clients have sent and nobody has taken, and whose they are.</summary>
public class ClientMemoryTests
{
    [Fact]
    public void Memory_IsCountedBySource_AndForgottenWithItsLastByte()
    {
        var memory = new ClientMemory(1000);
        memory.Change(1, 600);
        memory.Change(2, 300);
        Assert.False(memory.IsTooMuch(1));
        memory.Change(2, 150);
        Assert.Equal((true, false, false), (memory.IsTooMuch(1), memory.IsTooMuch(2), memory.IsTooMuch(3)));
        memory.Change(1, -600);
        Assert.Equal((450L, 1), (memory.Bytes, memory.Sources));
    }

    [Fact]
    public void Memory_ThatIsLeft_IsSharedBySource_AndByConnectionOfIt()
    {
        var memory = new ClientMemory(1000);
        memory.Change(1, 900);
        memory.Change(1, 150);
        Assert.Equal((false, true, false), (memory.IsFullFor(1, 900), memory.IsGreedy(1, 900), memory.IsGreedy(1, 150)));
        memory.Change(2, 100);
        memory.Change(3, 110);
        // 240 are left of 1500: for each connection of the first half of it.
        Assert.Equal((true, false, false, false), (
            memory.IsFullFor(1, 900), memory.IsFullFor(1, 100), memory.IsFullFor(2, 100), memory.IsFullFor(3, 110)));
        // Who has nothing beyond its own always goes on.
        Assert.False(memory.IsFullFor(1, 0));
        Assert.False(memory.IsUsedUpBy(1));
        memory.Change(4, 240);
        Assert.Equal((true, false, false), (memory.IsUsedUpBy(1), memory.IsUsedUpBy(2), memory.IsUsedUpBy(4)));
        Assert.Equal((true, true, false), (memory.IsFullFor(2, 100), memory.IsFullFor(4, 240), memory.IsFullFor(5, 0)));
        // Nor is who comes then left without: an eighth of the first half is for whoever has no more than its part of that.
        memory.Change(5, 25);
        Assert.Equal((false, true), (memory.IsFullFor(5, 25), memory.IsFullFor(1, 900)));
        memory.Change(5, 1);
        Assert.True(memory.IsFullFor(5, 26));
        // Only where there is twice as much as there may be, is anybody ended for what cannot be refused.
        memory.Change(6, 1000);
        Assert.Equal((2526L, false), (memory.Bytes, memory.MustEnd(6, 1000)));
        memory.Change(6, 600);
        Assert.Equal((true, true, false, false), (
            memory.MustEnd(6, 1600), memory.MustEnd(1, 900), memory.MustEnd(1, 80), memory.MustEnd(2, 100)));
    }

    [Fact]
    public void Memory_OfWhoMayBeAnybody_IsHeldAgainstNobody()
    {
        var memory = new ClientMemory(1000);
        memory.Change(null, 374);
        Assert.False(memory.IsCrowded);
        memory.Change(null, 10_000);
        Assert.True(memory.IsCrowded);
        Assert.Equal((0L, 0, false), (memory.Bytes, memory.Sources, memory.IsTooMuch(1)));
    }
}
