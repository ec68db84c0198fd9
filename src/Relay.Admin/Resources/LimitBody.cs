using Relay.Admin.Http;
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
    public void Validate(FieldErrors errors)
    {
        Validate(Sessions, "sessions", errors);
        Validate(Tunnels, "tunnels", errors);
        Validate(BytesPerSecond, "bytesPerSecond", errors);
        if (errors.IsEmpty && Sessions is null && Tunnels is null && BytesPerSecond is null)
            errors.Add("", "limits nothing; to lift a limit, delete it");
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

    private static void Validate(long? number, string field, FieldErrors errors)
    {
        if (number is < 0 or > Highest)
            errors.Add(field, $"not 0 to {Highest}");
    }
}
