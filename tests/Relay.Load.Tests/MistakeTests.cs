namespace Relay.Load.Tests;

/// <summary>What the program says of a command line that is wrong.</summary>
public sealed class MistakeTests
{
    [Fact]
    [Trait("Needs", "Processes")]
    public async Task Mistake_MadeTwice_IsSaidOnce_AndInOneLine()
    {
        await using var program = OwnProgram.Start("relay-load", "echo", "--bog\nus\u0007", "--bog\nus\u0007");
        Assert.Equal(2, await program.WaitForExitAsync(Eventually.Limit));
        Assert.Single(program.Log.Lines, static line => line.Contains("bog?us?", StringComparison.Ordinal));
        Assert.DoesNotContain(program.Log.Lines, static line => line.Any(char.IsControl));
    }
}
