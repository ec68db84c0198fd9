using Orleans.CodeGeneration;

namespace Relay.Grains.Hosting;

/// <summary>A silo's own part in answering, beside every grain that may be at another silo.</summary>
[Version(1)]
[Alias("relay.member")]
internal interface IMemberGrain : IGrainWithStringKey
{
    /// <summary>Where the silo that is asked stands in its cluster.</summary>
    [Alias("standing")]
    Task<MemberStanding> GetStandingAsync();
}

/// <summary>Where a silo stands in its cluster.</summary>
/// <param name="IsMember">The cluster's members know it, and it has not begun to leave.</param>
internal sealed record MemberStanding(bool IsMember);
