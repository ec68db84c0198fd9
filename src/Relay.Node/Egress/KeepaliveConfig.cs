namespace Relay.Node.Egress;

/// <summary>How the other side of a TCP connection that has vanished is noticed. All values positive.</summary>
/// <param name="Idle">Seconds of silence before the first probe; at most 32 767.</param>
/// <param name="Interval">Seconds between probes; at most 32 767.</param>
/// <param name="Probes">Probes without an answer that end the connection; at most 127.</param>
internal sealed record KeepaliveConfig(int Idle, int Interval, int Probes)
{
    /// <summary>Four probes, 15 s apart, after so many seconds of silence; null, for none, after 0.</summary>
    internal static KeepaliveConfig? After(int seconds) => seconds == 0 ? null : new(seconds, Interval: 15, Probes: 4);
}
