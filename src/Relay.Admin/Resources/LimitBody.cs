using Relay.Fleet.Contract;

namespace Relay.Admin.Resources;

/// <summary>What an identity may use in the whole fleet; what is absent is not limited.</summary>
internal sealed record LimitBody : IRequestBody
{
    /// <summary>Sessions at a time.</summary>
    public long? Sessions { get; init; }

    /// <summary>Tunnels at a time.</summary>
    public long? Tunnels { get; init; }

    /// <summary>Bytes a second, both ways together.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>The highest number: what a double holds exactly, since scripts in browsers have no other.</summary>
    public const long Highest = 9_007_199_254_740_991;

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        foreach (var (field, number) in
            new[] { ("sessions", Sessions), ("tunnels", Tunnels), ("bytesPerSecond", BytesPerSecond) })
        {
            if (number is < 0 or > Highest)
                yield return (field, $"not 0 to {Highest}");
        }
        if (Sessions is null && Tunnels is null && BytesPerSecond is null)
            yield return ("", "limits nothing; to lift a limit, delete it");
    }

    /// <summary>The limit.</summary>
    public IdentityLimit ToLimit() =>
        new() { Sessions = Sessions, Tunnels = Tunnels, BytesPerSecond = BytesPerSecond };

    /// <summary>Whether a text can name an identity, or is <c>*</c>.</summary>
    public static bool IsIdentity(string text) => text is "*" or "anonymous"
        || (text.Length <= 256 && !text.Any(char.IsControl)
            && (text.StartsWith("certificate:", StringComparison.Ordinal)
                || text.StartsWith("credential:", StringComparison.Ordinal))
            && !text.EndsWith(':'));
}
