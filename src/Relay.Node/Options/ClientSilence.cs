using Relay.Node.Egress;

namespace Relay.Node.Options;

/// <summary>
/// How a client that has vanished is noticed. Times in nanoseconds; they are fixed, and no options: only a test has them
/// short.
/// </summary>
internal sealed record ClientSilence
{
    /// <summary>
    /// When the kernel asks a client over TCP that has nothing to acknowledge: after half a minute without a word. Answers
    /// are what it is for: as long as TCP_USER_TIMEOUT is set, the kernel ends nothing for the number of its probes (tcp(7)).
    /// </summary>
    public KeepaliveConfig KeepAlive { get; init; } = new(Idle: 30, Interval: 10, Probes: 3);

    /// <summary>In what time a client over TCP must acknowledge something (TCP_USER_TIMEOUT); null: as long as it may be
    /// idle.</summary>
    public ulong? Unacknowledged { get; init; }

    /// <summary>
    /// Silence of a client over TCP that has something to acknowledge. One that lives and takes nothing answers the
    /// kernel's probes, which come every two minutes at the latest; TCP_USER_TIMEOUT ends both alike, and so is as long as
    /// a client may be idle.
    /// </summary>
    public ulong WhileOwing { get; init; } = 180_000_000_000;

    /// <summary>The same of one that has nothing to acknowledge: it answers keep-alive probes, which begin before.</summary>
    public ulong WhileIdle { get; init; } = 90_000_000_000;

    /// <summary>
    /// In what time a client that lives acknowledges GOAWAY. For one that vanished before, no drain need wait for the rest
    /// of the idle timeout.
    /// </summary>
    public ulong AfterGoAway { get; init; } = 10_000_000_000;

    /// <summary>In what time the end of a connection over TCP must be written.</summary>
    public ulong LastWords { get; init; } = 5_000_000_000;

    /// <summary>How long the end of a loop waits for clients to take what they were told last.</summary>
    public ulong Farewell { get; init; } = 5_000_000_000;
}
