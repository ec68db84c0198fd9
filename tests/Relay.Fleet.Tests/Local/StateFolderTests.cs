using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Events;
using Relay.Fleet.State;
using Relay.Fleet.Usage;
using Relay.Fleet.Users;
using Relay.Hosting;
using Relay.Hosting.Fleet;

namespace Relay.Fleet.Tests.Local;

/// <summary>The folder of <c>--state</c>.</summary>
public sealed class StateFolderTests : IDisposable
{
    private static readonly FleetState State = new() { Version = FleetState.CurrentVersion, Generation = "g" };

    private readonly ScratchFolder _scratch = new();
    private readonly List<(LogLevel Level, string Line)> _log = [];
    private readonly LoggerFactory _logs;

    public StateFolderTests()
    {
#pragma warning disable CA2000 // The factory disposes its providers.
        _logs = new LoggerFactory([new ListedLog(_log)]);
#pragma warning restore CA2000
    }

    private string Folder => _scratch.File("state");

    private string Document => Path.Combine(Folder, StateFolder.FileName);

    public void Dispose()
    {
        _logs.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Folder_ThatIsNotThere_IsMadeForItsOwnerAlone_AndKeepsWhatIsWritten()
    {
        using (var first = Open())
        {
            Assert.Null(first.Initial);
            await first.WriteAsync(State);
            await first.WriteAsync(State with { PoolVersion = 7 });
        }
        using var second = Open();

        Assert.Equal(("g", 7), (second.Initial!.Generation, second.Initial.PoolVersion));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Document));
        Assert.Equal(["fleet.json", "lock"], Directory.GetFiles(Folder).Select(static file => Path.GetFileName(file)).Order());
    }

    [Fact]
    public void Folder_ThatIsOpen_IsRefusedToAnother()
    {
        using (Open())
            Assert.Equal(
                $"--state: '{Folder}' is in use by another process, and a fleet's state is one process's alone",
                Assert.Throws<StartException>(Open).Message);
        Open().Dispose();
    }

    [Fact]
    public async Task Folder_ThatWasLeft_IsNotWrittenTo()
    {
        var folder = Open();
        folder.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => folder.WriteAsync(State));

        Assert.False(File.Exists(Document));
    }

    [Theory]
    [InlineData("""{"version":2,"generation":"g","pools":{}}""", "version: 2 is unknown to this program, which knows 1")]
    [InlineData("""{"version":"1"}""", "version: a whole number is wanted")]
    [InlineData("""[]""", "not a fleet's state: it has no version")]
    [InlineData("""{"version":1,"generation":"g","po""", "not what a fleet's state is, line 1 byte")]
    [InlineData("", "not what a fleet's state is, line 1 byte 1")]
    [InlineData("""{"version":1}""", "not what a fleet's state is")]
    [InlineData("""{"version":1,"generation":"g","nodes":[null]}""", "nodes[0]: null")]
    [InlineData(
        """{"version":1,"generation":"g","pools":[{"nextEpoch":1,"pool":{"name":"a","prefix":"192.0.2.0/24","blockLength":29,"version":"1"},"leases":[{"prefix":"198.51.100.0/29","node":"n","incarnation":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","epoch":1,"state":"held","expiresAt":"2026-01-01T00:00:00Z"}]}]}""",
        "pools[0].leases[0]: 198.51.100.0/29 is no block of pool a")]
    [InlineData(
        """{"version":1,"generation":"g","limits":{"rules":[{"identity":"alice","limit":{},"version":"1"}]}}""",
        "limits.rules[0]: identity: an identity is")]
    public void Document_ThatIsNone_IsNamedAndLeft(string content, string fault)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Document, content);

        var failure = Assert.Throws<StartException>(Open);

        Assert.StartsWith($"--state: '{Document}' is not read, and left as it is: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(fault, failure.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Document));
        File.Delete(Document);
        Open().Dispose();
    }

    [Fact]
    public void Path_OfAFile_IsRefused()
    {
        File.WriteAllText(Folder, "");

        Assert.StartsWith($"--state: '{Folder}' cannot be used: ", Assert.Throws<StartException>(Open).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_ThatIsRefused_LeavesWhatThereWas_AndIsLoggedOnceEachWay()
    {
        using var folder = Open();
        await folder.WriteAsync(State);
        // No file can be made in this one's place.
        var obstacle = Directory.CreateDirectory(Document + ".new");

        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAnyAsync<Exception>(() => folder.WriteAsync(State with { PoolVersion = 7 }));
        Assert.DoesNotContain("\"poolVersion\":7", await File.ReadAllTextAsync(Document), StringComparison.Ordinal);
        obstacle.Delete();
        await folder.WriteAsync(State with { PoolVersion = 7 });

        Assert.Contains("\"poolVersion\":7", await File.ReadAllTextAsync(Document), StringComparison.Ordinal);
        Assert.Equal([LogLevel.Error, LogLevel.Information], _log.Select(static line => line.Level));
        Assert.All(_log, line => Assert.Contains(Document, line.Line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Users_AreBesideTheDocument_AndOnlyWhoseBucketIsChangedIsWritten()
    {
        var book = Users("alice", "bob");
        using (var folder = Open())
        {
            await folder.WriteAsync(State with { Users = book.ToState() });
            var files = Directory.GetFiles(Path.Combine(Folder, "users"));
            Assert.Equal(2, files.Length);
            Assert.All(files, static file =>
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
            Assert.DoesNotContain("alice", await File.ReadAllTextAsync(Document), StringComparison.Ordinal);
            foreach (var file in files)
                File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
            book.Delete("bob", null, Now);

            await folder.WriteAsync(State with { Users = book.ToState(), PoolVersion = 7 });

            Assert.Equal(FileOf("alice"), Assert.Single(files, static file => File.GetLastWriteTimeUtc(file) == DateTime.UnixEpoch));
        }
        using var again = Open();
        var read = new UserBook(again.Initial!.Users, Now);
        Assert.Equal((book.Store, 1, "alice"), (read.Store, read.Users, read.Find("alice")?.Name));
        Assert.Equal(book.Standing.Version, read.Standing.Version);
    }

    [Fact]
    public async Task Users_OfAWriteThatWasRefused_AreNotThere_OnceAnotherIsTaken()
    {
        var book = Users("alice");
        using (var folder = Open())
        {
            await folder.WriteAsync(State with { Users = book.ToState() });
            var before = book.ToState();
            var obstacle = Directory.CreateDirectory(Document + ".new");
            book.Delete("alice", null, Now);
            await Assert.ThrowsAnyAsync<Exception>(() => folder.WriteAsync(State with { Users = book.ToState() }));
            obstacle.Delete();

            // The fleet has gone back to what was written.
            await folder.WriteAsync(State with { Users = before });
        }

        using var again = Open();
        Assert.NotNull(new UserBook(again.Initial!.Users, Now).Find("alice"));
    }

    /// <summary>The write was given up, and done all the same; what it had was told to nobody.</summary>
    [Fact]
    public async Task Users_OfAWriteThatWasGivenUp_AreUndoneByTheNext_OrByTheOneAfterIt()
    {
        var book = Users("alice");
        using (var folder = Open())
        {
            await folder.WriteAsync(State with { Users = book.ToState() });
            var before = book.ToState();
            book.Delete("alice", null, Now);
            book.Put(new User { Name = "bob" }, null, Now);
            await folder.WriteAsync(State with { Users = book.ToState() });

            // The fleet has gone back, and ends between the users and the document.
            var obstacle = Directory.CreateDirectory(Document + ".new");
            await Assert.ThrowsAnyAsync<Exception>(() => folder.WriteAsync(State with { Users = before }));
            obstacle.Delete();
        }
        UserBookState undone;
        using (var folder = Open())
        {
            undone = new UserBook(folder.Initial!.Users, Now).ToState();
            Assert.Equal(["alice"], undone.Users.Select(static user => user.Name));
            await folder.WriteAsync(State with { Users = undone });
        }
        using var again = Open();
        Assert.Equal(["alice"], again.Initial!.Users!.Users.Select(static user => user.Name));
        Assert.True(again.Initial.Users.Version >= undone.Version);
    }

    [Fact]
    public async Task Document_ThatAVersionWithoutUsersHasWritten_BesideUsers_IsNamedAndLeft()
    {
        using (var folder = Open())
            await folder.WriteAsync(State with { Users = Users("alice").ToState() });
        var document = JsonNode.Parse(await File.ReadAllTextAsync(Document))!.AsObject();
        Assert.True(document.Remove("users"));
        await File.WriteAllTextAsync(Document, document.ToJsonString());

        var failure = Assert.Throws<StartException>(Open);

        Assert.StartsWith($"--state: '{Document}' is not read, and left as it is: users: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"'{Path.Combine(Folder, "users")}'", failure.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(FileOf("alice")));
        Directory.Delete(Path.Combine(Folder, "users"), recursive: true);
        using var begun = Open();
        Assert.Null(begun.Initial!.Users);
    }

    /// <summary>A node that was away then has to be given all users: nothing tells it of the one that was removed.</summary>
    [Fact]
    public async Task Users_WhoseRemovalAFileHasForgotten_AndNotTheDocument_AreForgotten()
    {
        var neighbour = Enumerable.Range(0, int.MaxValue).Select(static i => $"x{i}")
            .First(static name => UserBucket.Of(name) == UserBucket.Of("alice"));
        var book = Users("alice");
        book.Delete("alice", null, Now);
        var removed = book.ToState();
        using (var folder = Open())
        {
            await folder.WriteAsync(State with { Users = removed });
            book.Put(new User { Name = neighbour }, null, Now);
            var later = book.ToState();
            var obstacle = Directory.CreateDirectory(Document + ".new");
            await Assert.ThrowsAnyAsync<Exception>(() => folder.WriteAsync(State with
            {
                Users = later with { Floor = removed.Version, Users = [.. later.Users.Where(static user => !user.IsRemoved)] },
            }));
            obstacle.Delete();
        }

        using var again = Open();
        Assert.Equal(removed.Version, again.Initial!.Users!.Floor);
    }

    [Fact]
    public async Task Users_ThatAreMissing_OrOfAnOlderCopy_AreNamed_AndNothingIsChanged()
    {
        var book = Users("alice");
        byte[] older;
        using (var folder = Open())
        {
            await folder.WriteAsync(State with { Users = book.ToState() });
            older = await File.ReadAllBytesAsync(FileOf("alice"));
            book.Put(new User { Name = "alice", IsDisabled = true }, null, Now);
            await folder.WriteAsync(State with { Users = book.ToState() });
        }

        await File.WriteAllBytesAsync(FileOf("alice"), older);
        Assert.Contains("older than what fleet.json says", Assert.Throws<StartException>(Open).Message, StringComparison.Ordinal);
        File.Delete(FileOf("alice"));
        Assert.StartsWith(
            $"--state: '{FileOf("alice")}' is not read, and left as it is: ", Assert.Throws<StartException>(Open).Message,
            StringComparison.Ordinal);
        await File.WriteAllTextAsync(FileOf("alice"), """{"through":9007199254740991,"users":[{"name":"A","version":1}]}""");
        Assert.Throws<StartException>(Open);
    }

    [Fact]
    public async Task Usage_IsAFileAMonth_OfItsOwner_AndOneThatIsNone_IsNamedAndLeft()
    {
        var book = new UsageBook([]);
        book.Add("edge-1", Guid.NewGuid(), 1, [new UserUse("alice", 1, 2, 3)], Now);
        var october = Path.Combine(Folder, "usage", $"{Month.Of(Now)}.json");
        using (var folder = Open())
        {
            Assert.Empty(folder.Usage);
            await folder.WriteUsageAsync(book.Unsaved(), [$"{Month.Of(Now)}"]);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(october));
        }
        using (var folder = Open())
        {
            Assert.Equal(new UserMonth("2026-01", 1, 2, 3), Assert.Single(new UsageBook(folder.Usage).Read("alice").Months));
            // A month that is over, beside what is nobody's.
            await File.WriteAllTextAsync(Path.Combine(Folder, "usage", "notes.json"), "mine");
            var later = new UsageBook(folder.Usage);
            for (var month = 1; month <= UsageBook.MaxMonths; month++)
                later.Add("edge-1", Guid.NewGuid(), 1, [new UserUse("alice", 1, 2, 3)], Now.AddMonths(month));
            await folder.WriteUsageAsync(later.Unsaved(), [.. later.Months.Select(static month => $"{month}")]);
            Assert.Equal(
                [.. Enumerable.Range(1, UsageBook.MaxMonths).Select(static month => $"{Month.Of(Now.AddMonths(month))}.json"), "notes.json"],
                Directory.GetFiles(Path.Combine(Folder, "usage")).Select(Path.GetFileName).Order());
        }
        foreach (var content in (string[])["", "{}", """{"month":"2027-01"}""", """{"month":"2026-01","users":[{"name":"A"}]}"""])
        {
            await File.WriteAllTextAsync(october, content);
            Assert.StartsWith(
                $"--state: '{october}' is not read, and left as it is: ", Assert.Throws<StartException>(Open).Message, StringComparison.Ordinal);
            Assert.Equal(content, await File.ReadAllTextAsync(october));
        }
    }

    [Fact]
    public async Task History_IsAFileOfItsOwner_AndOneThatIsNone_IsPutAsideAndNamed()
    {
        var file = Path.Combine(Folder, "events.json");
        var log = new EventLog("run");
        log.Append(FleetEvent.Of(FleetEventKind.Action, "otto drained node a", Now));
        using (var folder = Open())
        {
            Assert.Null(folder.History);
            await folder.WriteHistoryAsync(log.History.Unsaved()!);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
        using (var folder = Open())
            Assert.Equal("otto drained node a", Assert.Single(folder.History!.Events).Text);
        foreach (var content in (string[])["", "null", "{"])
        {
            await File.WriteAllTextAsync(file, content);
            using var folder = Open();
            Assert.Null(folder.History);
            Assert.Equal(content, await File.ReadAllTextAsync(file + ".unread"));
            Assert.Contains(file, _log[^1].Line, StringComparison.Ordinal);
        }
        var closed = Open();
        closed.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.WriteHistoryAsync(log.History.Unsaved()!));
    }

    private static DateTimeOffset Now { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static UserBook Users(params string[] names)
    {
        var book = new UserBook(null, Now);
        book.Begin(Guid.NewGuid(), Now);
        foreach (var name in names)
            Assert.True(book.Put(new User { Name = name }, null, Now).IsOk);
        return book;
    }

    private string FileOf(string user) => Path.Combine(Folder, "users", $"{UserBucket.Of(user):x2}.json");

    private StateFolder Open() => StateFolder.Open(Folder, _logs.CreateLogger<StateFolder>());

    private sealed class ListedLog(List<(LogLevel, string)> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add((logLevel, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
