using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

/// <summary>What 100 000 users with three devices each cost a node; measures, by hand.</summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class UserScaleTests
{
    private const int Users = 100_000;
    private const int PageUsers = 600;

    [Fact(Explicit = true)]
    public void HundredThousandUsers_OfThreeDevices()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var set = HandOver();
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal((Users, 3 * Users), (set.Count, set.Table.Count));

        using var file = new MemoryStream(capacity: 64 << 20);
        var note = new AgeNote(TimeSpan.Zero, DateTimeOffset.UnixEpoch, null, TimeSpan.Zero);
        var write = Time(() => UserFile.Write(file, set, note));
        var content = file.ToArray();
        UserSet? read = null;
        var reading = Time(() => Assert.True(UserFile.TryRead(content, out read, out _, out _)));
        Assert.Equal(set.Count, read!.Count);

        Assert.True(UserSet.TryRead([SampleUsers.User("user-77", devices: 2)], out var changes, out _));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        _ = set.With(set.Position, changes);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var change = Time(() => _ = set.With(set.Position, changes));
        var wanted = SampleUsers.HashOf("user-77", 1);
        var find = Time(() =>
        {
            for (var i = 0; i < 1_000_000; i++)
                Assert.True(set.Table.TryFind(wanted, out _));
        });
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"held {held / 1e6:F1} MB, {held / (3.0 * Users):F0} B a credential; file {content.Length / 1e6:F1} MB, written in "
            + $"{write.TotalMilliseconds:F0} ms, read in {reading.TotalMilliseconds:F0} ms; one user changed in {change.TotalMilliseconds:F1} ms, "
            + $"{allocated / 1024} KiB allocated; found in {find.TotalNanoseconds / 1e6:F0} ns");
        GC.KeepAlive(set);
    }

    private static UserSet HandOver()
    {
        var node = new UserHandOver(UserSet.Nothing);
        for (var page = 0; page * PageUsers < Users; page++)
        {
            var entries = Enumerable.Range(page * PageUsers, Math.Min(PageUsers, Users - (page * PageUsers)))
                .Select(static i => SampleUsers.User($"user-{i}", devices: 3)).ToArray();
            node.Take(SampleUsers.Since(page, page + 1, entries) with { IsLast = (page + 1) * PageUsers >= Users });
            Assert.Null(node.Refused);
        }
        return node.Set;
    }

    private static TimeSpan Time(Action action)
    {
        // Of the processor: what others do meanwhile is not counted.
        var began = Environment.CpuUsage.TotalTime;
        action();
        return Environment.CpuUsage.TotalTime - began;
    }
}
