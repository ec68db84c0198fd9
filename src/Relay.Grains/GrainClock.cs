namespace Relay.Grains;

/// <summary>
/// The time that the fleet's rules see, and whether grains tick by themselves. Apart from the clock of Orleans, so that
/// tests can drive the one and leave the other alone.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="ticks">Whether grains tick by timer; without it somebody calls their <c>TickAsync</c>.</param>
/// <param name="isPatient">
/// Whether to wait far longer for other grains: for tests, which are not to depend on how busy the machine is. Null where
/// <paramref name="ticks"/> says the same: without them it is.
/// </param>
internal sealed class GrainClock(TimeProvider time, bool ticks = true, bool? isPatient = null)
{
    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; } = time;

    /// <summary>Whether grains tick by timer.</summary>
    internal bool Ticks { get; } = ticks;

    /// <summary>
    /// How long to wait for another grain, which is this machine's time and not the fleet's: as given, or of a patient
    /// clock far longer.
    /// </summary>
    internal TimeSpan Patience(TimeSpan wait) => isPatient ?? !Ticks ? 30 * wait : wait;

    /// <summary>Now, by the wall clock.</summary>
    internal DateTimeOffset Now => Time.GetUtcNow();
}
