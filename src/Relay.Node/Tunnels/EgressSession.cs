using System.Net;

namespace Relay.Node.Tunnels;

/// <summary>The source addresses that one session uses, each chosen with its first target of the family.</summary>
internal sealed class EgressSession
{
    /// <summary>Whose it is, as limits by source count clients.</summary>
    internal ulong Client { get; init; }

    /// <summary>The IPv4 source, or null while there is none.</summary>
    internal IPEndPoint? IPv4 { get; set; }

    /// <summary>The IPv6 source, or null while there is none.</summary>
    internal IPEndPoint? IPv6 { get; set; }
}
