using System.Runtime.CompilerServices;
using Relay.Fleet.Contract;
using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

[Collection(nameof(MeasuredAllocation))]
public class UserTableTests
{
    private readonly UserPosition _position = new(SampleUsers.Store, 1);

    [Fact]
    public void Secrets_AreFoundByTheirHash_AndNoOthers()
    {
        var table = SampleUsers.Set(1, [.. Enumerable.Range(0, 500).Select(static i => SampleUsers.User($"u{i}", devices: 3))]).Table;
        Assert.Equal((500, 1500), (table.Users, table.Count));
        for (var i = 0; i < 500; i++)
        {
            for (var device = 1; device <= 3; device++)
                Assert.Equal($"u{i}", table.Owner($"u{i}", device));
            Assert.Null(table.Owner($"u{i}", device: 4));
        }
    }

    [Fact]
    public void RandomChanges_LeaveWhatAModelHas()
    {
        var random = new Random(1);
        var (set, model) = (UserSet.Nothing, new Dictionary<string, UserEntry>());
        for (var step = 0; step < 300; step++)
        {
            var entries = new Dictionary<string, UserEntry>();
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                var name = $"u{random.Next(40)}";
                entries[name] = random.Next(5) switch
                {
                    0 => new UserEntry { Name = name, IsRemoved = true },
                    1 => SampleUsers.User(name, 2) with { IsDisabled = true },
                    _ => SampleUsers.User(name, random.Next(4)),
                };
            }
            Assert.True(UserSet.TryRead([.. entries.Values], out var changes, out _));
            set = set.With(_position, changes)!;
            foreach (var (name, entry) in entries)
                model[name] = entry;

            var there = model.Values.Where(static entry => !entry.IsRemoved).ToList();
            Assert.Equal(there.Count, set.Count);
            Assert.Equal(
                there.Where(static entry => !entry.IsDisabled).Sum(static entry => entry.Credentials.Count), set.Table.Count);
            Assert.All(model.Values, entry => Assert.Equal(
                entry is { IsRemoved: false, IsDisabled: false, Credentials.Count: > 0 } ? entry.Name : null,
                set.Table.Owner(entry.Name)));
        }
    }

    [Fact]
    public void OneCredential_OfTwoUsers_IsRefused_AndTheTableIsAsItWas()
    {
        var before = SampleUsers.Set(1, SampleUsers.User("alice"), SampleUsers.User("bob"));
        var thief = SampleUsers.User("mallory") with { Credentials = [SampleUsers.Credential("alice", 1)] };
        Assert.True(UserSet.TryRead([thief], out var changes, out _));
        Assert.Null(before.With(_position, changes));
        Assert.Equal(("alice", "bob", 2), (before.Table.Owner("alice"), before.Table.Owner("bob"), before.Table.Count));
    }

    [Fact]
    public void MoreThanMayBe_AreRefused()
    {
        List<UserSecret> Some(int first, int count) =>
            [.. Enumerable.Range(first, count).Select(static i => new UserSecret(new((UInt128)i << 96, 0), "alice", 0))];
        var full = UserTable.Empty.With(static _ => false, Some(0, UserTable.MaxSecrets));
        Assert.Equal(UserTable.MaxSecrets, full!.Count);
        Assert.Null(full.With(static _ => false, Some(UserTable.MaxSecrets, 1)));
    }

    [Fact]
    public void AUser_HasTheEarlierEnd_OfItsOwnAndItsCredentials()
    {
        var (soon, late) = (DateTimeOffset.UnixEpoch.AddSeconds(1), DateTimeOffset.UnixEpoch.AddSeconds(2));
        var table = SampleUsers.Set(1,
            SampleUsers.User("a", expires: soon) with { Credentials = [SampleUsers.Credential("a", 1, late)] },
            SampleUsers.User("b", expires: late) with { Credentials = [SampleUsers.Credential("b", 1, soon)] },
            SampleUsers.User("c")).Table;
        Assert.True(table.TryFind(SampleUsers.HashOf("a", 1), out var a));
        Assert.True(table.TryFind(SampleUsers.HashOf("b", 1), out var b));
        Assert.True(table.TryFind(SampleUsers.HashOf("c", 1), out var c));
        Assert.Equal((1000, 1000, UserSecret.Never), (a.Expires, b.Expires, c.Expires));
    }

    [Fact]
    public void Change_OfOneUser_CopiesWhatItTouches_AndASearchAllocatesNothing()
    {
        var set = SampleUsers.Set(1, [.. Enumerable.Range(0, 20_000).Select(static i => SampleUsers.User($"u{i}", devices: 3))]);
        Assert.True(UserSet.TryRead([SampleUsers.User("u77", devices: 2)], out var changes, out _));
        _ = set.With(_position, changes);
        var (wanted, before) = (SampleUsers.HashOf("u5", 1), GC.GetAllocatedBytesForCurrentThread());
        Assert.True(set.Table.TryFind(wanted, out _));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        var after = set.With(_position, changes);
        // The table has 2.9 MB.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        Assert.Equal(59_999, after!.Table.Count);
    }

    [Fact]
    public void Secret_IsSmall() => Assert.Equal(48, Unsafe.SizeOf<UserSecret>());
}
