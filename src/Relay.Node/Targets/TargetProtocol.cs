namespace Relay.Node.Targets;

/// <summary>The transport a tunnel uses toward its target.</summary>
internal enum TargetProtocol
{
    /// <summary>TCP, from <c>CONNECT</c> (RFC 9114 §4.4).</summary>
    Tcp,

    /// <summary>UDP, from <c>CONNECT-UDP</c> (RFC 9298).</summary>
    Udp,
}
