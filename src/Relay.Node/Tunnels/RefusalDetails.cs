namespace Relay.Node.Tunnels;

/// <summary>
/// The causes that one error type of <c>Proxy-Status</c> stands for, as its parameter <c>details</c> tells them apart (RFC 9209
/// §2.1.5). The words are fixed, and programs may go by them: none holds a client, a target, a number or a name of the network.
/// </summary>
internal static class RefusalDetails
{
    /// <summary>The node takes no new tunnels, and ends.</summary>
    internal const string Draining = "draining";

    /// <summary>The node has no source address toward targets yet, or has lost it.</summary>
    internal const string NoEgressLease = "no egress lease";

    /// <summary>The client has sent more than is taken, while the node is short of memory for that.</summary>
    internal const string ClientMemory = "unread bytes of the client";

    /// <summary>The connection has as many tunnels as one may.</summary>
    internal const string ConnectionTunnels = "limit of the connection";

    /// <summary>The node has as many tunnels as it may.</summary>
    internal const string NodeTunnels = "limit of the node";

    /// <summary>The identity has as many sessions as it may.</summary>
    internal const string IdentitySessions = "limit of the identity, sessions";

    /// <summary>The identity has as many tunnels as it may.</summary>
    internal const string IdentityTunnels = "limit of the identity, tunnels";

    /// <summary>The identity has used up its month.</summary>
    internal const string IdentityMonth = "limit of the identity, bytes of the month";

    /// <summary>The client asks for too many targets, or for too many that fail.</summary>
    internal const string Scanning = "scanning";

    /// <summary>The source has shown too many wrong credentials.</summary>
    internal const string WrongCredentials = "wrong credentials";

    /// <summary>Too many passwords or tokens wait for their check.</summary>
    internal const string CredentialsBusy = "credential check busy";

    /// <summary>Too many names are being looked up.</summary>
    internal const string ResolverBusy = "resolver busy";

    /// <summary>The process, or the machine, has no more open files.</summary>
    internal const string OpenFiles = "open files of the node";

    /// <summary>The machine has no memory for a socket.</summary>
    internal const string Memory = "memory of the node";

    /// <summary>Every port of the source address is taken.</summary>
    internal const string Ports = "ports of the egress address";
}
