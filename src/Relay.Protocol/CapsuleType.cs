namespace Relay.Protocol;

/// <summary>The capsule types that the relay acts on; all others are skipped (RFC 9297 §3.2).</summary>
public static class CapsuleType
{
    /// <summary>DATAGRAM: the value is an HTTP datagram payload (RFC 9297 §3.5).</summary>
    public const ulong Datagram = 0;
}
