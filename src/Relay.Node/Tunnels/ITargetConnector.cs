using Relay.Protocol;

namespace Relay.Node.Tunnels;

/// <summary>Turns a target's name into an open socket: resolution, policy, connection. One a loop.</summary>
internal interface ITargetConnector
{
    /// <summary>Opens a UDP socket; the answer comes at once or later, always on the loop.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="session">The source addresses of the client's session.</param>
    /// <param name="observer">Hears the answer.</param>
    void OpenUdp(TargetAuthority target, EgressSession session, IConnectObserver<IUdpFlow> observer);

    /// <summary>Opens a TCP connection; the answer comes at once or later, always on the loop.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="session">The source addresses of the client's session.</param>
    /// <param name="observer">Hears the answer.</param>
    void OpenTcp(TargetAuthority target, EgressSession session, IConnectObserver<ITcpFlow> observer);
}

/// <summary>Waits for a target; owns the flow from the moment it is connected.</summary>
/// <typeparam name="TFlow">The kind of socket.</typeparam>
internal interface IConnectObserver<in TFlow> : IFlowOwner
{
    /// <summary>Whether anybody still waits; when not, a connection is not even tried.</summary>
    bool IsWaiting { get; }

    /// <summary>A step of the way there begins.</summary>
    void OnStep(SetUpStep step);

    /// <summary>The target is reached.</summary>
    /// <param name="flow">Its socket.</param>
    /// <param name="nextHop">
    /// Address and port connected to, IPv6 in brackets, for Proxy-Status (RFC 9209 §2.1.2).
    /// </param>
    void OnConnected(TFlow flow, string nextHop);

    /// <summary>The target is not reached.</summary>
    void OnConnectFailed(ConnectFailure failure);
}

/// <summary>Why a target was not reached.</summary>
/// <param name="Error">RFC 9209 §2.3.</param>
/// <param name="NextHop">Address and port tried last, if any.</param>
/// <param name="Rcode">The DNS response code, for DNS errors.</param>
/// <param name="Details">Which of the causes of the error it is: of <see cref="RefusalDetails"/>; null where it has one alone.</param>
internal readonly record struct ConnectFailure(
    ProxyErrorType Error, string? NextHop = null, string? Rcode = null, string? Details = null)
{
    /// <summary>A limit is reached, of which the client is told which.</summary>
    /// <param name="details">Of <see cref="RefusalDetails"/>.</param>
    /// <param name="nextHop">Address and port tried last, if any.</param>
    internal static ConnectFailure Limit(string details, string? nextHop = null) =>
        new(ProxyErrorType.ConnectionLimitReached, nextHop, Details: details);
}
