using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Fleet.Contract;
using Relay.Hosting;
using Relay.Node.Tests.Identity;
using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

/// <summary>The users of a node over its restarts, and for how long it lets them in.</summary>
[SupportedOSPlatform("linux")]
public sealed class UserHolderTests : IDisposable
{
    private const string Boot = "9f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5";

    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _clock = new();
    private readonly RecordingLog _log = new();
    private readonly string _path;
    private UserTable _letIn = UserTable.Empty;

    public UserHolderTests() => _path = _folder.File("users");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Users_AreKeptOverARestart_InAFileOfTheirOwner()
    {
        var first = Open();
        Assert.Equal((0, null), (first.Count, _letIn.Owner("alice")));
        first.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        Assert.Equal("alice", _letIn.Owner("alice"));
        await WrittenAsync(first);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
        Assert.Equal([_path], Directory.GetFiles(_folder.Path));

        var second = Open();
        Assert.Equal((first.Position, 1, "alice"), (second.Position, second.Count, _letIn.Owner("alice")));
        second.Apply(SampleUsers.Since(10, 11, SampleUsers.User("bob")));
        await second.CloseAsync();
        var third = Open();
        Assert.Equal((11L, "alice", "bob"), (third.Version, _letIn.Owner("alice"), _letIn.Owner("bob")));
        Assert.Empty(third.Warnings);
    }

    [Fact]
    public async Task WithoutUsers_NoFileIsMade()
    {
        var holder = Open();
        holder.Apply(null, isKnown: true);
        holder.Tick();
        await holder.CloseAsync();
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task UnchangedUsers_AreNotWrittenAgain_ButForTheirAge()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await WrittenAsync(holder);
        File.Delete(_path);
        _clock.Advance(MaxAge / 24.1);
        holder.Apply(null, isKnown: true);
        await TickedAsync(holder);
        Assert.False(File.Exists(_path));
        _clock.Advance(MaxAge / 24);
        await TickedAsync(holder);
        Assert.True(File.Exists(_path));
    }

    [Fact]
    public async Task Write_CutShort_LeavesTheUsersThatThereWere_AndIsClearedAwayInTime()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await WrittenAsync(holder);
        var before = await File.ReadAllBytesAsync(_path, TestContext.Current.CancellationToken);
        // As processes leave them that were killed while they wrote, one of them just now; that may yet go on.
        string[] left = [$"{_path}.{Guid.NewGuid():N}.new", $"{_path}.{Guid.NewGuid():N}.new"];
        foreach (var file in left)
            await File.WriteAllBytesAsync(file, before.AsMemory(0, 40), TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(left[0], DateTime.UtcNow.AddHours(-2));
        var next = Open();
        Assert.Equal("alice", _letIn.Owner("alice"));
        next.Apply(SampleUsers.Since(10, 11, SampleUsers.User("bob")));
        await WrittenAsync(next);
        _ = Open();
        Assert.Equal("bob", _letIn.Owner("bob"));
        Assert.Equal([_path, left[1]], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
    }

    // The old process and the new one, as at a restart, both of which are told of changes.
    [Fact]
    public async Task TwoProcesses_ThatWriteAndReadAtATime_NeverFindHalfAFile()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, [.. Enumerable.Range(0, 2000).Select(static i => SampleUsers.User($"u{i}"))]));
        await WrittenAsync(holder);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var own = Open(_path, Boot, static _ => { }, NullLogger.Instance);
                Assert.Equal((2000, 10L), (own.Count, own.Version));
                await own.CloseAsync();
                Assert.Empty(own.Warnings);
            }
        })));
    }

    /// <summary>At a restart the process before is told of nothing more, and ends last.</summary>
    [Fact]
    public async Task ProcessThatEnds_DoesNotPutBack_WhatTheNextHasWritten()
    {
        var before = Open();
        before.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await WrittenAsync(before);
        var next = Open();
        next.Apply(SampleUsers.Since(10, 11, new UserEntry { Name = "alice", IsRemoved = true }, SampleUsers.User("bob")));
        await WrittenAsync(next);
        await before.CloseAsync();
        Assert.Equal((11L, null, "bob"), (Open().Version, _letIn.Owner("alice"), _letIn.Owner("bob")));
        Assert.Equal([_path], Directory.GetFiles(_folder.Path));

        // Nor of another store, whose versions say nothing; and what this process wrote itself it writes over.
        next.Apply(SampleUsers.Whole(5, SampleUsers.User("carol")) with { Store = SampleUsers.OtherStore, IsConfirmed = true });
        await WrittenAsync(next);
        await before.CloseAsync();
        Assert.Equal((5L, "carol"), (Open().Version, _letIn.Owner("carol")));
        before.Apply(SampleUsers.Since(10, 12, SampleUsers.User("dave")));
        await before.CloseAsync();
        Assert.Equal(5L, Open().Version);
        Assert.Empty(before.Warnings);
    }

    /// <summary>Whoever of them is ahead, the file is of no less than what any of them had written when it was asked.</summary>
    [Fact]
    public async Task TwoProcesses_ThatAreToldOfDifferentVersions_LeaveTheLatest()
    {
        var first = Open();
        first.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await WrittenAsync(first);
        var second = Open();
        for (var version = 11L; version < 40; version++)
        {
            var holder = version % 3 == 0 ? second : first;
            holder.Apply(SampleUsers.Since(holder.Version, version, SampleUsers.User($"u{version}")));
            await holder.CloseAsync();
            await (holder == first ? second : first).CloseAsync();
            Assert.Equal(version, Open(_path, Boot, static _ => { }, NullLogger.Instance).Version);
        }
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("relay-users 1\nstore 6f9619ff", "its end is missing: it was not written whole")]
    [InlineData("alice:sha256$00", "it is no file of users")]
    public void BrokenFile_KeepsTheNodeFromStarting_AndIsNamedWithItsCause(string content, string cause)
    {
        _folder.Write("users", content);
        var error = Assert.Throws<StartException>(Open);
        Assert.Equal($"--users-file {_path}: {cause}", error.Message);
        Assert.Equal(content, File.ReadAllText(_path));
    }

    [Fact]
    public async Task FileThatCannotBeWritten_IsSaidOnce_AndTriedAgain()
    {
        var missing = _folder.File("gone/users");
        var holder = Open(missing);
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        for (var i = 0; i < 3; i++)
        {
            await TickedAsync(holder);
            _clock.Advance(TimeSpan.FromSeconds(11));
        }
        Assert.Contains(missing, Assert.Single(holder.Warnings), StringComparison.Ordinal);
        Assert.Single(_log.Lines, static line => line.Level == LogLevel.Error);
        Assert.Equal("alice", _letIn.Owner("alice"));

        _folder.Folder("gone");
        await TickedAsync(holder);
        Assert.Empty(holder.Warnings);
        Assert.True(File.Exists(missing));
    }

    [Fact]
    public void WithoutACoordinator_UsersAreRefusedAtTheirAge_AndLetInWhenOneAnswers()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _clock.Advance(MaxAge);
        holder.Tick();
        Assert.Equal("alice", _letIn.Owner("alice"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        holder.Tick();
        Assert.Null(_letIn.Owner("alice"));
        // They are not forgotten: nothing that is open ends for it.
        Assert.Equal(("alice", 1, 10L), (holder.Table.Owner("alice"), holder.Count, holder.Version));
        Assert.Single(_log.Texts, static line => line.Contains("are refused until one does", StringComparison.Ordinal));

        holder.Apply(null, isKnown: true);
        Assert.Equal("alice", _letIn.Owner("alice"));
        Assert.Equal(TimeSpan.Zero, holder.Age);
    }

    [Fact]
    public void Answers_ThatSayNothingOfUsers_MakeThemNoYounger()
    {
        var holder = Open();
        holder.Apply(null);
        Assert.Null(holder.Age);
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        for (var i = 1; i <= 4; i++)
        {
            Assert.Equal("alice", _letIn.Owner("alice"));
            _clock.Advance(MaxAge / 4);
            holder.Apply(null);
            Assert.Equal(i * MaxAge / 4, holder.Age);
        }
        _clock.Advance(TimeSpan.FromSeconds(1));
        holder.Apply(null);
        Assert.Null(_letIn.Owner("alice"));

        holder.Apply(SampleUsers.Since(10, 11, SampleUsers.User("bob")));
        Assert.Equal(("alice", "bob", TimeSpan.Zero), (_letIn.Owner("alice"), _letIn.Owner("bob"), holder.Age));
    }

    [Fact]
    public void WithoutACoordinator_AWallClockThatSteps_ChangesNothing()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _clock.SetClock(TimeSpan.FromDays(100));
        holder.Tick();
        Assert.Equal("alice", _letIn.Owner("alice"));
        _clock.SetClock(-TimeSpan.FromDays(200));
        _clock.Advance(MaxAge + TimeSpan.FromSeconds(1));
        holder.Tick();
        Assert.Null(_letIn.Owner("alice"));
    }

    [Fact]
    public async Task WithoutACoordinator_RestartsGiveNoTimeAnew()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        for (var i = 0; i < 6; i++)
        {
            await holder.CloseAsync();
            holder = OpenAfterBoot();
            Assert.Equal("alice", _letIn.Owner("alice"));
            _clock.Advance(MaxAge / 6);
        }
        await holder.CloseAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        holder = OpenAfterBoot();
        Assert.Null(_letIn.Owner("alice"));
        holder.Apply(null, isKnown: true);
        Assert.Equal("alice", _letIn.Owner("alice"));
    }

    [Fact]
    public async Task AfterABoot_WithAWallClockFromBefore_UsersAreRefused_UntilItIsSet()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await holder.CloseAsync();
        _clock.SetClock(-TimeSpan.FromDays(1));
        holder = OpenAfterBoot();
        Assert.Equal((null, null), (_letIn.Owner("alice"), holder.Age));
        _clock.SetClock(TimeSpan.FromDays(1));
        holder.Tick();
        Assert.Equal(("alice", TimeSpan.Zero), (_letIn.Owner("alice"), holder.Age));
    }

    [Fact]
    public async Task UsersOfAnotherStore_AreNotTaken_ToldAndCounted_AlsoAfterARestart()
    {
        var holder = Open();
        holder.Apply(SampleUsers.Whole(10, SampleUsers.User("alice")));
        await holder.CloseAsync();
        holder = Open();
        var other = SampleUsers.Whole(99) with { Store = SampleUsers.OtherStore };
        for (var i = 1; i <= 3; i++)
        {
            holder.Apply(other);
            Assert.Equal(i, holder.Refused(UserRefusal.OtherStore));
        }
        Assert.Contains("until an operator confirms", Assert.Single(holder.Warnings), StringComparison.Ordinal);
        Assert.Single(_log.Lines, static line => line.Level == LogLevel.Warning);
        Assert.Equal((10L, "alice"), (holder.Version, _letIn.Owner("alice")));
        // A coordinator has answered: they do not grow old by it.
        Assert.Equal(TimeSpan.Zero, holder.Age);

        holder.Apply(other with { IsConfirmed = true });
        Assert.Empty(holder.Warnings);
        Assert.Equal((99L, null), (holder.Version, _letIn.Owner("alice")));
    }

    [Fact]
    public void Boot_ThatIsNotKnown_IsSaid()
    {
        Open();
        Assert.DoesNotContain(_log.Texts, static text => text.Contains("boot_id", StringComparison.Ordinal));
        _ = UserHolder.Open(new("--users-file", _path), MaxAge, _clock, boot: null, static _ => { }, _log);
        Assert.Single(_log.Texts, static text => text.Contains("boot_id", StringComparison.Ordinal));
    }

    private UserHolder Open() => Open(_path, Boot);

    private UserHolder Open(string path) => Open(path, Boot);

    private UserHolder OpenAfterBoot() => Open(_path, Guid.NewGuid().ToString());

    private UserHolder Open(string path, string boot) => Open(path, boot, table => _letIn = table, _log);

    private UserHolder Open(string path, string boot, Action<UserTable> use, ILogger log) => UserHolder.Open(
        new("--users-file", path), MaxAge, _clock, boot, use, log);

    private static async Task WrittenAsync(UserHolder holder)
    {
        await TickedAsync(holder);
        Assert.Empty(holder.Warnings);
    }

    private static Task TickedAsync(UserHolder holder)
    {
        holder.Tick();
        return holder.SettledAsync();
    }
}
