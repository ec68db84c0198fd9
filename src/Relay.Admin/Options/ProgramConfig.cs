using Microsoft.Extensions.Logging;
using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;

namespace Relay.Admin.Options;

/// <summary>What relay-admin is made of. Validated and immutable.</summary>
internal sealed record ProgramConfig
{
    /// <summary>The fleet that it coordinates.</summary>
    public FleetHostConfig Fleet { get; init; } = new();

    /// <summary>What API and dashboard are made of.</summary>
    public AdminConfig Admin { get; init; } = new();

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>The least severe lines that are logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;
}
