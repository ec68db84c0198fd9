namespace Relay.Fleet.Contract;

/// <summary>Who asks the API, and what the token allows.</summary>
public sealed record CallerInfo
{
    /// <summary>The token's name; <c>local</c> where none is asked for.</summary>
    public required string Name { get; init; }

    /// <summary><c>viewer</c>, who sees, or <c>operator</c>, who changes as well.</summary>
    public required string Role { get; init; }
}
