using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Hosting.Logging;

namespace Relay.Admin.Options;

/// <summary>What relay-admin is made of. Validated and immutable.</summary>
internal sealed record ProgramConfig
{
    /// <summary>Whether the fleet is coordinated by grains; otherwise in this process alone.</summary>
    public bool IsSilo { get; init; }

    /// <summary>What the silo is made of; its cluster's name and times hold without one too.</summary>
    public SiloConfig Silo { get; init; } = new();

    /// <summary>What API and dashboard are made of.</summary>
    public AdminConfig Admin { get; init; } = new();

    /// <summary>Pools to define where they are not there yet.</summary>
    public IReadOnlyList<PrefixPool> Pools { get; init; } = [];

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The least severe lines that are logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
