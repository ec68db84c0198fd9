using Relay.Native.Tls;
using Relay.Native.Trust;

namespace Relay.Node.Streams;

/// <summary>The certificate in use, and whose clients' certificates are accepted; replaced as a whole.</summary>
/// <param name="Tls">What new connections get.</param>
/// <param name="Expires">When its certificate runs out, where that is known.</param>
/// <param name="Trust">How clients' certificates are judged beside their authorities; null for nothing more.</param>
internal sealed record ServerIdentity(TlsContext Tls, DateTimeOffset? Expires = null, ClientTrust? Trust = null);
