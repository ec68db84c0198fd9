using Relay.Fuzz.Engine;

namespace Relay.Fuzz.Tests;

/// <summary>What does not hold is found, and found again by its seed.</summary>
public class PlainRunTests
{
    [Fact]
    public void Property_ThatDoesNotHold_EndsTheRunWithStatus1()
    {
        using var output = new StringWriter();
        Assert.Equal(0, new PlainRun("none", new Refusing(_ => false), output).Generate(1, 50));
        Assert.Equal(1, new PlainRun("none", new Refusing(static input => input.Length > 20), output).Generate(1, 500));
        Assert.Contains(" --count 1: ", output.ToString(), StringComparison.Ordinal);
        // Nothing to replay is no success.
        Assert.Equal(1, new PlainRun("none", new Refusing(_ => false), output).Replay("no-such-folder"));
    }

    [Fact]
    public void Packets_AreCounted_AndARunEndsWithThem()
    {
        using var output = new StringWriter();
        Assert.Equal(0, new PlainRun("three", new Counting(3), output).GeneratePackets(1, 10));
        Assert.Contains("12 packets, 4 inputs", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, new PlainRun("none", new Counting(0), output).GeneratePackets(1, 10));
    }

    [Fact]
    public void Stack_CountsItsPackets()
    {
        var target = TargetTable.Create("quic-frames");
        target.Run([]);
        // Two handshakes at least.
        Assert.InRange(target.Packets, 4, 1000);
    }

    [Fact]
    public void Seed_MakesTheSameInputAgain_AndAnotherMakesAnother()
    {
        var mutator = new Mutator(["abcdefgh"u8.ToArray()], ["word"u8.ToArray()]);
        var inputs = Enumerable.Range(0, 100).Select(mutator.Next).ToArray();
        Assert.Equal(inputs, Enumerable.Range(0, 100).Select(mutator.Next));
        Assert.True(inputs.Select(Convert.ToHexString).Distinct().Count() > 80);
    }

    [Fact]
    public void Choices_PastTheEnd_AreTheFirst()
    {
        var choices = new Choices([3, 0xc0, 1]);
        Assert.Equal((3, 1ul << 56, true), (choices.Byte(), choices.Number(), choices.IsOver));
        Assert.Equal((0, 0, false, 0ul), (choices.Byte(), choices.Below(300), choices.Flag(), choices.Number()));
        Assert.Equal(new byte[4], choices.Fill(4));
    }

    private sealed class Counting(int packets) : FuzzTarget("")
    {
        public override void Run(ReadOnlySpan<byte> input) => Packets += packets;
    }

    private sealed class Refusing(Predicate<byte[]> fails) : FuzzTarget("")
    {
        public override void Run(ReadOnlySpan<byte> input) => Check.That(!fails(input.ToArray()), "it holds");
    }
}
