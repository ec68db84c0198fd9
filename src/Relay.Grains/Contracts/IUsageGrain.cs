using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Usage;

namespace Relay.Grains.Contracts;

/// <summary>What a part of the users have used, by a hash of their names (<see cref="GrainKeys.ShardOf"/>).</summary>
[Version(1)]
[Alias("relay.usage")]
internal interface IUsageGrain : IGrainWithIntegerKey
{
    /// <summary>Takes this part's users of a node's batch; the same again changes nothing.</summary>
    [Alias("add")]
    Task<UseAnswer> AddAsync(UseAddition addition);

    /// <summary>What a user has used, without the limit.</summary>
    [Alias("read")]
    Task<UserUsage> ReadAsync(string user);

    /// <summary>Users at a glance.</summary>
    [Alias("glance")]
    Task<UserGlances> GlanceAsync(NameList users);

    /// <summary>A user is none any more.</summary>
    [Alias("forget")]
    Task ForgetAsync(string user);

    /// <summary>Stores what is not stored, as the timer does now and then.</summary>
    [Alias("tick")]
    Task TickAsync();
}

/// <summary>A part of a node's batch.</summary>
/// <param name="Node">The node.</param>
/// <param name="Incarnation">Its process.</param>
/// <param name="Number">The batch's number.</param>
/// <param name="Uses">What is believed of it, of this part's users.</param>
internal sealed record UseAddition(string Node, Guid Incarnation, long Number, IReadOnlyList<UserUse> Uses);

/// <summary>What those users that there are have used in this month.</summary>
internal sealed record UseAnswer(IReadOnlyList<UserTotal> Totals);

/// <summary>Users at a glance.</summary>
internal sealed record UserGlances(IReadOnlyList<UserSeen> Users);
