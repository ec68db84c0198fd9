using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Usage;

namespace Relay.Fleet.Tests.Usage;

/// <summary>What users have used, by month; and who has used up a quota.</summary>
public class UsageBookTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 23, 59, 0, TimeSpan.Zero);
    private static readonly Guid First = Guid.Parse("6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11");
    private static readonly Guid Second = Guid.Parse("3f2504e0-4f89-41d3-9a0c-0305e82c3301");

    [Theory]
    [InlineData("2026-11-30T23:59:59Z", "2026-11", "2026-12-01T00:00:00Z")]
    [InlineData("2026-12-31T23:30:00Z", "2026-12", "2027-01-01T00:00:00Z")]
    [InlineData("2027-01-01T01:30:00+02:00", "2026-12", "2027-01-01T00:00:00Z")]
    public void Month_IsOfUtc(string time, string month, string end)
    {
        var at = Month.Of(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((month, DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture)), ($"{at}", at.End));
        Assert.True(Month.TryParse(month, out var parsed));
        Assert.Equal(at, parsed);
        Assert.False(Month.TryParse("2026-13", out _));
        Assert.False(Month.TryParse("../2026", out _));
    }

    [Fact]
    public void Batch_CountsOnce_OfWhicheverProcess_InWhateverOrderTheyCome()
    {
        var book = new UsageBook([]);
        Assert.Equal([new UserTotal("alice", 30)], book.Add("a", First, 1, [new UserUse("alice", 10, 20, 1)], Now));
        Assert.Equal([new UserTotal("alice", 30)], book.Add("a", First, 1, [new UserUse("alice", 10, 20, 1)], Now));
        Assert.Equal([new UserTotal("alice", 31)], book.Add("a", Second, 1, [new UserUse("alice", 1, 0, 1)], Now));
        // Of the process before it comes nothing more.
        book.Add("a", First, 2, [new UserUse("alice", 100, 0, 1)], Now);
        book.Add("b", First, 7, [new UserUse("alice", 1000, 0, 1), new UserUse("bob", 5, 0, 0)], Now);
        book = Reload(book);
        book.Add("b", First, 7, [new UserUse("alice", 1000, 0, 1)], Now.AddMinutes(5));
        Assert.Equal(new UserMonth("2026-11", 1011, 20, 3), Assert.Single(book.Read("alice").Months));
        Assert.Equal(new UserSeen("bob", Now, 5), book.Glance("bob", Now));
        Assert.Equal(new UserSeen("bob", Now, 0), book.Glance("bob", Now.AddMinutes(5)));
        Assert.Equal(new UserSeen("carol", null, 0), book.Glance("carol", Now));
    }

    [Fact]
    public void Sums_ThatWouldOverflow_AreTheLargestNumber()
    {
        var book = new UsageBook([]);
        book.Add("a", First, 1, [new UserUse("alice", long.MaxValue - 1, 0, long.MaxValue)], Now);
        Assert.Equal(long.MaxValue, Assert.Single(book.Add("a", First, 2, [new UserUse("alice", 7, 7, 7)], Now)).Bytes);
        Assert.Equal(new UserMonth("2026-11", long.MaxValue, 7, long.MaxValue), book.Read("alice").Months[0]);
    }

    [Fact]
    public void Months_AreTwelve_TheOldestGo()
    {
        var book = new UsageBook([]);
        for (var i = 0; i < 20; i++)
            book.Add("a", First, i + 1, [new UserUse("alice", i, 0, 1)], Now.AddDays(15).AddMonths(i));
        Assert.Equal(Enumerable.Range(8, 12).Reverse().Select(static i => (long)i), book.Read("alice").Months.Select(static month => month.BytesUp));
        Assert.Equal(12, book.Months.Count);
        // After a year without anything nothing is left but what comes.
        book.Add("a", First, 21, [new UserUse("alice", 1, 0, 1)], Now.AddYears(5));
        Assert.Equal(["2031-11"], book.Months.Select(static month => $"{month}"));
        Assert.False(book.Has("bob"));
    }

    [Fact]
    public void Stored_IsWhatHasChanged_UntilItIsSaved()
    {
        var book = new UsageBook([]);
        book.Add("a", First, 1, [new UserUse("alice", 1, 0, 1)], Now);
        book.Add("a", First, 2, [new UserUse("alice", 1, 0, 1), new UserUse("bob", 1, 0, 1)], Now.AddDays(1));
        var unsaved = book.Unsaved();
        Assert.Equal(["2026-11", "2026-12"], unsaved.Select(static month => month.Month));
        book.Add("a", First, 3, [], Now.AddDays(1));
        book.Save(unsaved);
        // What came while it was being written is not in it.
        Assert.Equal(["2026-12"], book.Unsaved().Select(static month => month.Month));
        book.Save(book.Unsaved());
        Assert.Empty(book.Unsaved());
        book.Forget("alice");
        Assert.Equal(["2026-11", "2026-12"], book.Unsaved().Select(static month => month.Month));
        Assert.Equal((false, true), (book.Has("alice"), book.Has("bob")));
    }

    [Theory]
    [InlineData("""{"month":"2026-13"}""")]
    [InlineData("""{"month":"2026-11","users":[{"name":"Alice","up":1,"down":1,"tunnels":1,"seen":1}]}""")]
    [InlineData("""{"month":"2026-11","users":[{"name":"alice","up":-1,"down":1,"tunnels":1,"seen":1}]}""")]
    [InlineData("""{"month":"2026-11","users":[{"name":"alice","up":1,"down":1,"tunnels":1,"seen":253402300800}]}""")]
    [InlineData("""{"month":"2026-11","users":[null]}""")]
    [InlineData("""{"month":"2026-11","nodes":[{"node":"A B","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","number":1,"before":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","at":1}]}""")]
    public void Stored_ThatIsNone_IsFound(string json) =>
        Assert.NotNull(UsageBook.FaultOf(JsonSerializer.Deserialize(json, FleetJson.Of<UsageMonth>())!));

    [Fact]
    public void Spent_AreThoseAtTheirQuota_AsItIsNow_InThisMonth()
    {
        var (spent, quota) = (new SpentUsers(), 100L);
        long? QuotaOf(string user) => user == "free" ? null : quota;
        spent.Learn([new UserTotal("alice", 100), new UserTotal("bob", 99), new UserTotal("free", 1000)], QuotaOf, Now);
        Assert.Equal(["alice"], spent.Read(QuotaOf, Now));
        spent.Learn([new UserTotal("bob", 150)], QuotaOf, Now);
        Assert.Equal(["alice", "bob"], spent.Read(QuotaOf, Now).Order());
        quota = 120;
        Assert.Equal(["bob"], spent.Read(QuotaOf, Now));
        Assert.Empty(spent.Read(QuotaOf, Now.AddMinutes(1)));

        spent.Learn([.. Enumerable.Range(0, SpentUsers.Max + 10).Select(static i => new UserTotal($"u{i}", 500))], QuotaOf, Now);
        Assert.Equal(SpentUsers.Max, spent.Read(QuotaOf, Now).Count);
    }

    [Fact(Explicit = true)]
    public void Measure_AYearOfHundredThousandUsers()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (book, number) = (new UsageBook([]), 0);
        for (var month = 0; month < 12; month++)
        {
            for (var part = 0; part < 200; part++)
                book.Add("a", First, ++number, [.. Enumerable.Range(500 * part, 500).Select(i => new UserUse($"user-{i}@example.com", i, i, 1))], Now.AddMonths(month));
        }
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        var unsaved = book.Unsaved();
        var document = JsonSerializer.SerializeToUtf8Bytes(unsaved[^1], FleetJson.Of<UsageMonth>());
        output.WriteLine(
            $"{bytes / 1.2e6:0} bytes a user and month; a month of them is {document.Length / 1e6:0.0} MB; all twelve are copied and one written in "
            + $"{System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
        GC.KeepAlive(book);
    }

    private static UsageBook Reload(UsageBook book) => new(book.Unsaved().Select(static month =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(month, FleetJson.Of<UsageMonth>()), FleetJson.Of<UsageMonth>())!));
}
