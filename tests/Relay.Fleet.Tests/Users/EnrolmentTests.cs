using Relay.Fleet.Local;
using Relay.Fleet.State;
using Relay.Fleet.Users;

namespace Relay.Fleet.Tests.Users;

/// <summary>How long enrolments last, whatever clocks do, and how many there are.</summary>
public class EnrolmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void OnwardClock_NeverGoesBack_AndIsSetAheadWithTheWall()
    {
        var time = new ManualTime();
        var clock = new OnwardClock(time);
        var began = clock.Read();

        time.Advance(Minute);
        Assert.Equal(began + Minute, clock.Read());
        time.SetClock(-60 * Minute);
        Assert.Equal(began + Minute, clock.Read());
        time.Advance(Minute);
        Assert.Equal(began + 2 * Minute, clock.Read());
        time.SetClock(100 * Minute);
        Assert.Equal(began + 42 * Minute, clock.Read());
    }

    [Fact]
    public async Task WallClock_SetBackAgainAndAgain_LengthensNothing()
    {
        var time = new ManualTime();
        var fleet = new LocalFleet(new LocalFleetConfig(), [], time, new Random(1));
        await fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        var begun = await fleet.BeginEnrolmentAsync("alice", New("a"), default);
        Assert.True(begun.IsOk);

        for (var minute = 1; minute < 10; minute++)
        {
            time.Advance(Minute);
            time.SetClock(-Minute);
            Assert.Single(await fleet.ListEnrolmentsAsync(default));
        }
        time.Advance(Minute);

        Assert.Empty(await fleet.ListEnrolmentsAsync(default));
    }

    [Fact]
    public void Enrolment_OfAClockThatWasAhead_IsOver_ForWhoeverGoesOnFromIt()
    {
        var book = Begun();
        Assert.True(book.BeginEnrolment("alice", New("a"), Now).IsOk);
        var state = book.ToState();

        Assert.Single(new UserBook(state, Now - TimeSpan.FromSeconds(30)).EnrolmentsAt(Now - TimeSpan.FromSeconds(30)));
        Assert.Empty(new UserBook(state, Now - 5 * Minute).EnrolmentsAt(Now - 5 * Minute));
    }

    [Fact]
    public void Enrolment_OfAUserWhoExpires_IsOverThen()
    {
        var book = Begun();
        book.BeginEnrolment("alice", New("a"), Now);
        book.Put(new User { Name = "alice", ExpiresAt = Now + 2 * Minute }, null, Now);

        Assert.Single(book.EnrolmentsAt(Now + Minute));
        Assert.Empty(book.EnrolmentsAt(Now + 2 * Minute));
        Assert.Equal(FleetStatus.NotFound, Use(book, "a", Now + 2 * Minute).Status);
        Assert.Equal(FleetStatus.Conflict, book.BeginEnrolment("alice", New("b"), Now + 2 * Minute).Status);
    }

    [Fact]
    public void Enrolment_WithoutRoomForItsDevice_IsNotUsedUp()
    {
        var book = Begun();
        book.BeginEnrolment("alice", New("a"), Now);
        for (var i = 0; i < User.MaxDevices; i++)
            book.AddDevice("alice", DeviceSecret.Create($"{i}", null).Device, Now);
        Assert.Equal(FleetStatus.Conflict, Use(book, "a", Now).Status);
        Assert.Equal(FleetStatus.Conflict, book.BeginEnrolment("alice", New("b"), Now).Status);

        book.RemoveDevice("alice", book.Find("alice")!.Devices[0].Id, Now);

        Assert.Equal(FleetStatus.Ok, Use(book, "a", Now).Status);
    }

    [Fact]
    public void Enrolments_InAll_AreBounded_AndThoseThatAreUsedMakeRoom()
    {
        var book = Begun();
        for (var i = 0; i < UserBook.MaxEnrolments; i++)
        {
            var user = $"user-{i / UserBook.MaxEnrolmentsOfUser}";
            book.Put(new User { Name = user }, null, Now);
            Assert.True(book.BeginEnrolment(user, New($"{i}"), Now).IsOk);
        }
        Assert.Equal(FleetStatus.Conflict, book.BeginEnrolment("alice", New("a"), Now).Status);

        Assert.True(Use(book, "7", Now).IsOk);
        Assert.True(book.BeginEnrolment("alice", New("a"), Now).IsOk);
        Assert.Equal(UserBook.MaxEnrolments, book.ToState().Enrolments.Count);
        // Those that are over are nobody's.
        Assert.True(book.BeginEnrolment("alice", New("b"), Now + 2 * Enrolment.Lifetime).IsOk);
        Assert.Single(book.ToState().Enrolments);
    }

    [Fact]
    public void Use_IsRememberedForAWhile_ThoughItWasLate()
    {
        var book = Begun();
        book.BeginEnrolment("alice", New("a"), Now);

        Assert.True(Use(book, "a", Now + 9 * Minute).IsOk);

        Assert.NotNull(Assert.Single(book.EnrolmentsAt(Now + 18 * Minute)).Used);
        Assert.Empty(book.EnrolmentsAt(Now + 19 * Minute));
    }

    [Fact]
    public void MemoryThatIsLost_TakesEnrolmentsWithIt()
    {
        var book = Begun();
        book.BeginEnrolment("alice", New("a"), Now);

        book.LoseMemory(Guid.NewGuid(), Now);

        Assert.Empty(book.EnrolmentsAt(Now));
    }

    [Fact]
    public void Export_HasNone_AndADocumentWithWrongOnesIsNotRead()
    {
        var book = Begun();
        book.BeginEnrolment("alice", New("a"), Now);
        var state = new FleetState { Version = FleetState.CurrentVersion, Generation = "g", Users = book.ToState() };

        Assert.Empty(state.ForExport().Users!.Enrolments);
        Assert.Empty(FleetStateFaults.Of(state));
        var wrong = book.ToState().Enrolments[0] with { Sha256 = "abc" };
        var (place, _) = Assert.Single(FleetStateFaults.Of(state with { Users = book.ToState() with { Enrolments = [wrong] } }));
        Assert.Equal("users.enrolments[0]", place);
    }

    private static UserBook Begun()
    {
        var book = new UserBook(null, Now);
        book.Begin(Guid.NewGuid(), Now);
        book.Put(new User { Name = "alice" }, null, Now);
        return book;
    }

    private static NewEnrolment New(string token) => new(DeviceSecret.HashOf(token), "phone", "otto");

    private static FleetResult<Enrolment> Use(UserBook book, string token, DateTimeOffset at)
    {
        var (device, _) = DeviceSecret.Create("device", null);
        return book.UseEnrolment(new EnrolmentUse(DeviceSecret.HashOf(token), device.Id, device.Sha256), at, at);
    }
}
