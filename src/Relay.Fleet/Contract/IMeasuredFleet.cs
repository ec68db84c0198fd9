namespace Relay.Fleet.Contract;

/// <summary>A fleet that measures what it costs to coordinate it, besides what it answers.</summary>
public interface IMeasuredFleet
{
    /// <summary>The meter (System.Diagnostics.Metrics) of what it measures: of this fleet alone. None where nobody looks.</summary>
    string? MeterName { get; }
}
