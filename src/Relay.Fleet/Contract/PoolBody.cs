namespace Relay.Fleet.Contract;

/// <summary>A pool of address blocks, without its name, which is in the path.</summary>
public sealed record PoolBody : IRequestBody
{
    /// <summary>The addresses that it has.</summary>
    public Prefix? Prefix { get; init; }

    /// <summary>
    /// The length of a block's prefix: at most 20 bits longer than the pool's, at most 30 for IPv4 and 124 for IPv6.
    /// </summary>
    public int? BlockLength { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        if (Prefix is null)
            yield return ("prefix", "required");
        if (BlockLength is null)
            yield return ("blockLength", "required");
        if (Prefix is not { } prefix || BlockLength is not { } length)
            yield break;
        var lowest = prefix.Length;
        var highest = Math.Min(lowest + PrefixPool.MaxBlockBits, prefix.IsIPv4 ? 30 : 124);
        if (lowest > highest)
            yield return ("prefix", $"too small: at most /{highest}");
        else if (length < lowest || length > highest)
            yield return ("blockLength", $"not {lowest} to {highest}, for a pool of /{lowest}");
    }
}
