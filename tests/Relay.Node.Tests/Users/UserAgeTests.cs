using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

/// <summary>How old users are: within a process whatever the wall clock does, across restarts never less than is certain.</summary>
public class UserAgeTests
{
    private const string Boot = "9f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5";
    private const string NextBoot = "11111111-2222-4333-8444-555555555555";

    private readonly ManualTime _clock = new();

    [Fact]
    public void Nobody_HasAnsweredYet() => Assert.Null(new UserAge(_clock, Boot).Value);

    [Theory]
    [InlineData(-100)]
    [InlineData(100)]
    public void WithinAProcess_TheWallClockCountsForNothing(int hours)
    {
        var age = new UserAge(_clock, Boot);
        age.Reset();
        _clock.SetClock(TimeSpan.FromHours(hours));
        _clock.Advance(TimeSpan.FromMinutes(3));
        age.Look();
        Assert.Equal(TimeSpan.FromMinutes(3), age.Value);
        age.Reset();
        Assert.Equal(TimeSpan.Zero, age.Value);
    }

    [Theory]
    [InlineData(-100)]
    [InlineData(0)]
    [InlineData(100)]
    public void NextProcess_OfTheSameBoot_GoesOnByTheMonotonicClock(int hours)
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3));
        _clock.SetClock(TimeSpan.FromHours(hours));
        _clock.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal(TimeSpan.FromMinutes(7), Next(note, Boot).Value);
    }

    [Theory]
    [InlineData(NextBoot)]
    [InlineData(null)]
    public void NextBoot_AddsWhatTheWallClockTellsOfTheTimeInBetween(string? boot)
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3));
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(TimeSpan.FromMinutes(123), Next(note, boot).Value);
    }

    [Fact]
    public void NextBoot_ThatIsNotToldFromTheOne_IsTakenForAnother()
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3)) with { Boot = null };
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(TimeSpan.FromMinutes(123), Next(note, boot: null).Value);
    }

    // A file that was copied to another machine with the same image, or a clock that begins anew.
    [Fact]
    public void SameBoot_WhoseClockIsBefore_IsTakenForAnother()
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3));
        _clock.Advance(TimeSpan.FromHours(2));
        var ahead = note with { SinceBoot = note.SinceBoot + TimeSpan.FromDays(1) };
        Assert.Equal(TimeSpan.FromMinutes(123), Next(ahead, Boot).Value);
    }

    [Fact]
    public void NextBoot_WhoseWallClockWasCorrected_CountsWhatWasBefore()
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3));
        _clock.SetClock(-UserAge.Correction);
        Assert.Equal(TimeSpan.FromMinutes(3), Next(note, NextBoot).Value);
    }

    [Fact]
    public void NextBoot_WhoseWallClockIsFarBehind_IsOfNoKnownAge_UntilTheClockIsSet()
    {
        var note = NoteAfter(TimeSpan.FromMinutes(3));
        _clock.SetClock(-TimeSpan.FromDays(365));
        var age = Next(note, NextBoot);
        Assert.Null(age.Value);
        // What is noted for the next process is what was known.
        Assert.Equal(note, age.Note());
        _clock.Advance(TimeSpan.FromMinutes(1));
        age.Look();
        Assert.Null(age.Value);

        _clock.SetClock(TimeSpan.FromDays(365));
        _clock.Advance(TimeSpan.FromMinutes(1));
        age.Look();
        Assert.Equal(TimeSpan.FromMinutes(5), age.Value);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(6), age.Value);
    }

    [Fact]
    public void ManyBoots_AddUp()
    {
        var note = NoteAfter(TimeSpan.FromMinutes(1));
        for (var i = 0; i < 10; i++)
        {
            var age = Next(note, Guid.NewGuid().ToString());
            _clock.Advance(TimeSpan.FromMinutes(1));
            note = age.Note()!;
            // Back to when the process began: that the machine ran is known all the same.
            _clock.SetClock(TimeSpan.FromMinutes(-1));
        }
        Assert.Equal(TimeSpan.FromMinutes(11), Next(note, NextBoot).Value);
    }

    [Fact]
    public void FarAges_DoNotOverflow()
    {
        var note = new AgeNote(TimeSpan.FromDays(3_000_000), DateTimeOffset.UnixEpoch, null, TimeSpan.Zero);
        Assert.InRange(Next(note, Boot).Value!.Value, TimeSpan.FromDays(3650), TimeSpan.FromDays(3651));
    }

    [Fact]
    public void Boot_OfThisMachine_IsNamed_AndOneThatIsNotToldIsNone()
    {
        Assert.True(Guid.TryParse(UserAge.BootOf(), out _));
        Assert.Null(UserAge.BootOf("/proc/nonexistent"));
        Assert.Null(UserAge.BootOf("/proc/self/comm"));
    }

    private AgeNote NoteAfter(TimeSpan time)
    {
        var age = new UserAge(_clock, Boot);
        age.Reset();
        _clock.Advance(time);
        return age.Note()!;
    }

    private UserAge Next(AgeNote note, string? boot)
    {
        var age = new UserAge(_clock, boot);
        age.Resume(note);
        return age;
    }
}
