using Relay.Native.Linux;

namespace Relay.Hosting;

/// <summary>
/// The system's time, whose timestamps go on while the machine is suspended (CLOCK_BOOTTIME): what others count on runs
/// out meanwhile. Timers do not fire early after a suspend; who waits for a deadline looks often.
/// </summary>
public sealed class BootClock : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)Clock.NowWithSuspend;
}
