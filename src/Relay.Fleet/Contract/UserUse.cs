namespace Relay.Fleet.Contract;

/// <summary>What one of the fleet's users has used at a node since it was last told.</summary>
/// <param name="Name">The user's name, without <c>user:</c>.</param>
/// <param name="UpstreamBytes">Payload toward targets.</param>
/// <param name="DownstreamBytes">Payload toward the client.</param>
/// <param name="Tunnels">Tunnels that were let through.</param>
public sealed record UserUse(string Name, long UpstreamBytes, long DownstreamBytes, long Tunnels);

/// <summary>
/// What users have used at a node since the batch before. It is told again as it is until a directive has its number
/// (<see cref="NodeDirective.AcknowledgedUse"/>), and counts once however often it comes.
/// </summary>
public sealed record UserUseBatch
{
    /// <summary>The most users that a batch names; the others are in the next.</summary>
    public const int MaxUsers = 512;

    /// <summary>Rises by one with each batch of a process, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>The users, each once.</summary>
    public IReadOnlyList<UserUse> Users { get; init; } = [];
}
