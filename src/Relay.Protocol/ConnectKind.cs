namespace Relay.Protocol;

/// <summary>The tunnel that a request asks for.</summary>
public enum ConnectKind
{
    /// <summary>None: the request is refused.</summary>
    None,

    /// <summary>TCP, by CONNECT (RFC 9114 §4.4).</summary>
    Tcp,

    /// <summary>UDP, by Extended CONNECT with <c>connect-udp</c> (RFC 9298 §3.4).</summary>
    Udp,
}
