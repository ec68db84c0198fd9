namespace Relay.Node.Tests;

/// <summary>
/// Tests that count what is allocated. A collection takes the rest of a thread's allocation context, some kilobytes, for
/// allocated: those that others cause are kept away.
/// </summary>
[CollectionDefinition(nameof(MeasuredAllocation), DisableParallelization = true)]
public sealed class MeasuredAllocation;
