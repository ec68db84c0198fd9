namespace Relay.Native.Linux;

/// <summary>How a TCP connection notices that its other side has vanished (tcp(7)). All values positive.</summary>
/// <param name="Idle">Seconds without anything from the other side before the first probe; at most 32 767.</param>
/// <param name="Interval">Seconds between probes; at most 32 767.</param>
/// <param name="Probes">Probes without an answer that end the connection; at most 127.</param>
public sealed record KeepAlive(int Idle, int Interval, int Probes)
{
    /// <summary>
    /// Milliseconds after which the connection ends. Probes are sent only while nothing is on its way; what is, would be
    /// repeated for a quarter of an hour and more (tcp_retries2) without TCP_USER_TIMEOUT.
    /// </summary>
    public int UserTimeout => 1000 * (Idle + (Interval * Probes));
}
