namespace Relay.Grains.Tests;

internal static class SamplePool
{
    /// <summary>256 blocks.</summary>
    internal static readonly PrefixPool Edge = new()
    {
        Name = "edge",
        Prefix = Prefix.Parse("2001:db8::/56"),
        BlockLength = 64,
    };
}
