using Relay.Admin.Http;
using Relay.Fleet.Contract;

namespace Relay.Admin.Resources;

/// <summary>A pool of address blocks, without its name, which is in the path.</summary>
internal sealed record PoolBody : IRequestBody
{
    /// <summary>The addresses that it has.</summary>
    public Prefix? Prefix { get; init; }

    /// <summary>
    /// The length of a block's prefix: at most 20 bits longer than the pool's, at most 30 for IPv4 and 124 for IPv6.
    /// </summary>
    public int? BlockLength { get; init; }

    /// <inheritdoc/>
    public void Validate(FieldErrors errors)
    {
        if (Prefix is null && !errors.Has("prefix"))
            errors.Add("prefix", "required");
        if (BlockLength is null && !errors.Has("blockLength"))
            errors.Add("blockLength", "required");
        if (Prefix is { } prefix && BlockLength is { } length)
        {
            var lowest = prefix.Length;
            var highest = Math.Min(lowest + PrefixPool.MaxBlockBits,
                prefix.IsIPv4 ? 30 : 124);
            if (lowest > highest)
                errors.Add("prefix", $"too small: at most /{highest}");
            else if (length < lowest || length > highest)
                errors.Add("blockLength", $"not {lowest} to {highest}, for a pool of /{lowest}");
        }
    }
}
