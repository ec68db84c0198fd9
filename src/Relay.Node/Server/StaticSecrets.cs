using System.Security.Cryptography;
using System.Text;

namespace Relay.Node.Server;

/// <summary>
/// The secrets that outlive the process, 32 bytes each. Made of the server's private key, so that they need no file of
/// their own and are the same after a restart.
/// </summary>
/// <param name="Tokens">
/// Of what clients prove their address with (RFC 9000 §8.1): the same on every node with that key.
/// </param>
/// <param name="Resets">Of stateless reset tokens (RFC 9000 §10.3): each node's own.</param>
internal readonly record struct StaticSecrets(byte[] Tokens, byte[] Resets)
{
    /// <summary>Derives them.</summary>
    /// <param name="privateKey">
    /// The private key, in whatever form it is kept; when empty, the secrets are random.
    /// </param>
    /// <param name="endpoint">
    /// Tells the node from any other that runs at the same time: its name and the addresses that it listens on.
    /// </param>
    internal static StaticSecrets Derive(ReadOnlySpan<byte> privateKey, string endpoint)
    {
        // A pipe gives its bytes once. Then the secrets last as long as the process.
        if (privateKey.IsEmpty)
            privateKey = RandomNumberGenerator.GetBytes(32);
        // RFC 9000 §21.11: "servers MUST NOT generate a stateless reset if a connection with the corresponding
        // connection ID could be active on any endpoint using the same static key". Another node does answer such a
        // packet, since it cannot know; it must not be with the token that ends the connection.
        return new StaticSecrets(
            Expand(privateKey, "relayfleet token"), Expand(privateKey, $"relayfleet reset {endpoint}"));
    }

    private static byte[] Expand(ReadOnlySpan<byte> privateKey, string label)
    {
        var secret = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, privateKey, secret, salt: [], Encoding.UTF8.GetBytes(label));
        return secret;
    }
}
