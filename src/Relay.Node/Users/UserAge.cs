namespace Relay.Node.Users;

/// <summary>
/// How long ago a coordinator that knows the users last answered, within a process by its monotonic clock, and across restarts
/// never less than is certain. Read from any thread.
/// </summary>
/// <param name="clock">
/// The wall clock, and a monotonic clock that goes on while the machine is suspended and begins with its boot.
/// </param>
/// <param name="boot">This boot of the machine (<see cref="BootOf"/>); null where it is not known.</param>
internal sealed class UserAge(TimeProvider clock, string? boot)
{
    /// <summary>A wall clock that is so much earlier than before the machine was booted was corrected; more is a fault.</summary>
    internal static readonly TimeSpan Correction = TimeSpan.FromMinutes(5);

    /// <summary>More is not told apart, so that nothing overflows.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private const long Unknown = long.MinValue;

    private long _answeredAt = Unknown;
    private AgeNote? _before;

    /// <summary>It; null where it is not known, as where no coordinator ever has answered.</summary>
    public TimeSpan? Value =>
        Interlocked.Read(ref _answeredAt) is var at && at == Unknown ? null : clock.GetElapsedTime(at);

    /// <summary>Names this boot of the machine, as Linux does; null where it is not told.</summary>
    public static string? BootOf(string path = "/proc/sys/kernel/random/boot_id")
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(path), out var id) ? id.ToString() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A coordinator answers.</summary>
    public void Reset() => Set(TimeSpan.Zero);

    /// <summary>Goes on from what a process before this one has noted.</summary>
    public void Resume(AgeNote note)
    {
        _before = note;
        Look();
    }

    /// <summary>
    /// Looks whether the wall clock is right by now: that of a machine without a battery is set only after its start.
    /// </summary>
    public void Look()
    {
        if (_before is not { } note)
            return;
        var (boots, off) = (clock.GetElapsedTime(0) - note.SinceBoot, clock.GetUtcNow() - note.At);
        // Nobody can set the clock of one boot; what passed while the machine was off only the wall clock tells.
        if (boot is not null && note.Boot == boot && boots >= TimeSpan.Zero)
            Set(note.Age + boots);
        else if (off >= -Correction)
            Set(note.Age + (off > TimeSpan.Zero ? off : TimeSpan.Zero));
    }

    /// <summary>What the next process needs to know; null where it is not known here.</summary>
    public AgeNote? Note() => Value is { } age ? new AgeNote(age, clock.GetUtcNow(), boot, clock.GetElapsedTime(0)) : _before;

    private void Set(TimeSpan age)
    {
        _before = null;
        age = age < Longest ? age : Longest;
        Interlocked.Exchange(ref _answeredAt, clock.GetTimestamp() - (long)(age.TotalSeconds * clock.TimestampFrequency));
    }
}

/// <summary>How long ago a coordinator had answered at a moment, and which moment that was.</summary>
/// <param name="Age">How long ago.</param>
/// <param name="At">The moment, by the wall clock.</param>
/// <param name="Boot">The boot of the machine that it was in; null where that is not known.</param>
/// <param name="SinceBoot">The moment, by the clock that began with it.</param>
internal sealed record AgeNote(TimeSpan Age, DateTimeOffset At, string? Boot, TimeSpan SinceBoot);
