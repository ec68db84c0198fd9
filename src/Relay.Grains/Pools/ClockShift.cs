namespace Relay.Grains.Pools;

/// <summary>How a coordinator's wall clock was set while an activation has lived.</summary>
/// <param name="Steps">How many times.</param>
/// <param name="Sum">By how much in all.</param>
internal readonly record struct ClockShift(long Steps, TimeSpan Sum);
