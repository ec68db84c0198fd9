namespace Relay.Node.Sessions;

/// <summary>What an identity uses of this node at a moment.</summary>
/// <param name="Identity">Whose it is.</param>
/// <param name="Sessions">Sessions that are open.</param>
/// <param name="Tunnels">Tunnels that are open.</param>
/// <param name="Refusals">How often it was refused something or slowed down by its limits, so far.</param>
/// <param name="UpstreamBytes">
/// Payload toward targets, of sessions over and open; it begins anew once the identity has been forgotten.
/// </param>
/// <param name="DownstreamBytes">The same toward the client.</param>
internal readonly record struct IdentitySnapshot(
    SessionIdentity Identity, int Sessions, long Tunnels, long Refusals, long UpstreamBytes, long DownstreamBytes);
