using System.Net;
using Relay.Node.Counters;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Diagnostics;

/// <summary>What an access line says of a tunnel that has ended.</summary>
/// <param name="Ended">When, by the wall clock.</param>
/// <param name="Session">The client connection's number, unique in this process.</param>
/// <param name="Protocol">The version of HTTP that carried it.</param>
/// <param name="IsUdp">Whether it relayed UDP.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">Why the target was not reached, if it was not.</param>
/// <param name="Duration">From its request to its end.</param>
/// <param name="UpstreamBytes">Toward the target.</param>
/// <param name="DownstreamBytes">Toward the client.</param>
/// <param name="UpstreamDatagrams">Toward the target; UDP only.</param>
/// <param name="DownstreamDatagrams">Toward the client; UDP only.</param>
/// <param name="Egress">The address that the target saw, if it was connected.</param>
/// <param name="Client">The client's address; null where the target is told.</param>
/// <param name="Identity">Who the client is; null where the target is told.</param>
/// <param name="Target">The target; null where the client is told.</param>
internal readonly record struct AccessRecord(
    DateTimeOffset Ended, long Session, HttpProtocol Protocol, bool IsUdp, TunnelOutcome Outcome, ProxyErrorType Error,
    TimeSpan Duration,
    long UpstreamBytes, long DownstreamBytes, long UpstreamDatagrams, long DownstreamDatagrams,
    IPEndPoint? Egress, IPAddress? Client, SessionIdentity? Identity, string? Target)
{
    /// <summary>
    /// Makes the record of a tunnel. The client, by address or by identity, and the target are never in it both.
    /// </summary>
    /// <param name="tunnel">The tunnel, ended.</param>
    /// <param name="ended">The wall clock.</param>
    /// <param name="now">The loop's clock, in nanoseconds.</param>
    /// <param name="withTarget">Whether the target is told, and so the client is not.</param>
    internal static AccessRecord Of(Tunnel tunnel, DateTimeOffset ended, ulong now, bool withTarget) => new(
        ended, tunnel.Session.Id, tunnel.Session.Protocol, tunnel is UdpTunnel, tunnel.Outcome, tunnel.Error,
        TimeSpan.FromTicks((long)(now - tunnel.StartedAt) / 100), tunnel.UpstreamBytes, tunnel.DownstreamBytes,
        tunnel.UpstreamDatagrams, tunnel.DownstreamDatagrams, tunnel.Egress,
        withTarget ? null : tunnel.Session.Client.Address, withTarget ? null : tunnel.Session.Identity,
        withTarget ? tunnel.Target.ToString() : null);
}
