namespace Relay.Fleet.Contract;

/// <summary>A relay as clients reach it.</summary>
public sealed record RelayInfo
{
    /// <summary>As it was named: HOST, HOST:PORT, or an https URI template.</summary>
    public required string Relay { get; init; }

    /// <summary>Its name, or its address, of IPv6 in brackets.</summary>
    public required string Host { get; init; }

    /// <summary>Its port, of UDP and TCP alike.</summary>
    public required int Port { get; init; }

    /// <summary>The URI template of its UDP tunnels (RFC 9298 §2).</summary>
    public required string UdpTemplate { get; init; }
}
