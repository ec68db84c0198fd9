namespace Relay.Grains.State;

/// <summary>A grain cannot answer at the moment: its storage, or another grain that it needs, is away.</summary>
[GenerateSerializer]
[Alias("relay.unavailable")]
internal sealed class GrainUnavailableException(string message) : Exception(message);
