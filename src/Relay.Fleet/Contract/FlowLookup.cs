namespace Relay.Fleet.Contract;

/// <summary>
/// The question whose tunnel uses, or used at a time while its session lives, an egress address and port.
/// </summary>
/// <param name="Id">Names the question in its answer.</param>
/// <param name="Address">The source address that a target saw.</param>
/// <param name="Port">The source port that a target saw, 1 to 65535.</param>
/// <param name="At">When; null for now.</param>
public sealed record FlowLookup(string Id, string Address, int Port, DateTimeOffset? At = null);

/// <summary>A node's answer.</summary>
/// <param name="Id">The question's.</param>
/// <param name="Sessions">The sessions, usually none or one.</param>
public sealed record FlowAnswer(string Id, IReadOnlyList<string> Sessions);
