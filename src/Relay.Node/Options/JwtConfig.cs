using Relay.Node.Tokens;

namespace Relay.Node.Options;

/// <summary>Tokens of an issuer.</summary>
/// <param name="Policy">Which are accepted.</param>
/// <param name="KeyFile">The file of its keys, which could be understood; null where they are fetched.</param>
/// <param name="KeyUrl">Where its keys are fetched, https; null where they are in a file.</param>
internal sealed record JwtConfig(JwtPolicy Policy, string? KeyFile, Uri? KeyUrl);
