using System.Collections.Immutable;
using System.Net;
using Relay.Hosting.Fleet;

namespace Relay.Node.Options;

/// <summary>The node's part in a fleet, as an operator wants it. Validated and immutable.</summary>
internal sealed record FleetConfig
{
    /// <summary>A node of its own.</summary>
    public static FleetConfig None { get; } = new();

    /// <summary>Who coordinates.</summary>
    public FleetMode Mode { get; init; }

    /// <summary>The coordinators, tried in turn; at least one with <see cref="FleetMode.Join"/>, else none.</summary>
    public ImmutableArray<Uri> Coordinators { get; init; } = [];

    /// <summary>
    /// The file that holds the node's token for the coordinators; null where they are on this machine and ask for none.
    /// </summary>
    public string? TokenFile { get; init; }

    /// <summary>
    /// The PEM file of the authorities that coordinators' certificates are signed by; null for the system's.
    /// </summary>
    public string? AuthorityPath { get; init; }

    /// <summary>The fleet in this process; of no meaning with another mode.</summary>
    public FleetHostConfig Host { get; init; } = new();

    /// <summary>The node's name in the fleet: 1 to 63 of <c>a-z 0-9 - .</c>.</summary>
    public string NodeId { get; init; } = "";

    /// <summary>Where clients reach the node, <c>HOST:PORT</c>; empty for the addresses that it listens on.</summary>
    public ImmutableArray<string> AdvertiseAddresses { get; init; } = [];

    /// <summary>
    /// Where the node keeps the fleet's users, who are let in; null where they are not. What is there could be understood.
    /// </summary>
    public string? UsersFile { get; init; }

    /// <summary>For how long they are let in while no coordinator answers.</summary>
    public TimeSpan UsersMaxAge { get; init; } = TimeSpan.FromSeconds(NodeDefaults.UsersMaxAge);

    /// <summary>The pools that the node wants one block of each; none to two.</summary>
    public ImmutableArray<string> Pools { get; init; } = [];

    /// <summary>What to run, by <c>/bin/sh -c</c>, when a lease is gained or lost.</summary>
    public string? LeaseHook { get; init; }

    /// <summary>Where the admin API listens; null for none.</summary>
    public IPEndPoint? AdminAddress { get; init; }

    /// <summary>The file of the admin API's tokens. It could be opened.</summary>
    public string? AdminTokenFile { get; init; }

    /// <summary>What the admin API makes the configuration of clients with.</summary>
    public ProfileConfig Profiles { get; init; } = new();

    /// <summary>Where users come by their enrolments.</summary>
    public EnrolConfig Enrol { get; init; } = new();
}

/// <summary>Who coordinates the fleet of a node.</summary>
internal enum FleetMode
{
    /// <summary>Nobody: there is no fleet.</summary>
    Off,

    /// <summary>This process alone.</summary>
    Local,

    /// <summary>This process, as a silo among others.</summary>
    Silo,

    /// <summary>Coordinators that are reached by URL.</summary>
    Join,
}
