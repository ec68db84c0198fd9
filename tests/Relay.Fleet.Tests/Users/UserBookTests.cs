using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Users;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Users;

/// <summary>The rules of the fleet's users.</summary>
public class UserBookTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Secret_IsOf256RandomBits_AndOnlyItsHashIsInTheDevice()
    {
        var (device, secret) = DeviceSecret.Create("phone", null);

        Assert.Equal(43, secret.Length);
        Assert.NotEqual(secret, DeviceSecret.Create("phone", null).Secret);
        Assert.DoesNotContain(secret, device.ToString(), StringComparison.Ordinal);
        Assert.Equal(DeviceSecret.HashOf(secret), device.Sha256);
        // The SHA-256 of "abc" (FIPS 180-4).
        Assert.Equal("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", DeviceSecret.HashOf("abc"));
        Assert.True(DeviceSecret.IsHash(device.Sha256));
        Assert.False(DeviceSecret.IsHash(secret));
    }

    [Fact]
    public void Page_WithTheLongestOfEverything_Fits()
    {
        var book = Begun();
        for (var i = 0; i < 40; i++)
        {
            var name = $"{i:00}" + new string('+', Names.MaxUserLength - 3) + "z";
            book.Put(new User { Name = name, ExpiresAt = Now.AddTicks(1) }, null, Now);
            for (var device = 0; device < User.MaxDevices; device++)
                book.AddDevice(name, new NewDevice(
                    $"{new string('x', 60)}{device:0000}", $"{device}", Convert.ToBase64String([.. Enumerable.Repeat((byte)0xfb, 32)]),
                    Now.ToOffset(TimeSpan.FromHours(13)).AddTicks(1)), Now);
        }

        var users = new SimulatedUsers();
        while (book.PageFor(users.Position, since: book.Standing.Floor) is { } page)
        {
            Assert.InRange(JsonSerializer.SerializeToUtf8Bytes(page, FleetJson.Of<UserPage>()).Length, 1, UserPage.MaxBytes);
            users.Take(page);
        }

        Assert.Equal((40, true), (users.Entries.Count, users.Pages.Count > 1));
    }

    [Fact]
    public void Removed_MoreThanThereAreUsers_AreForgotten_AndWhoIsBehindGetsAll()
    {
        var book = Begun();
        var (early, late) = (new SimulatedUsers(), new SimulatedUsers());
        book.Put(new User { Name = "stays" }, null, Now);
        book.Put(new User { Name = "goes" }, null, Now);
        early.Take(book.PageFor(early.Position));
        late.Take(book.PageFor(late.Position));
        book.Delete("goes", null, Now);
        for (var i = 0; i < 2 * UserBook.MinRemoved; i++)
        {
            book.Put(new User { Name = $"u{i}" }, null, Now);
            book.Delete($"u{i}", null, Now);
            late.Take(book.PageFor(late.Position));
        }

        // Of whom storage has not written as removed nothing is forgotten.
        book.ForgetRemoved(written: 0);
        Assert.Equal(2 + 2 * UserBook.MinRemoved, book.ToState().Users.Count);
        book.ForgetRemoved(long.MaxValue);

        Assert.True(book.ToState().Users.Count < 2 + 2 * UserBook.MinRemoved);
        Assert.Equal(UserStep.WholeSet, book.Standing.Next(early.Position));
        Assert.Equal(UserStep.Nothing, book.Standing.Next(late.Position));
        early.Take(book.PageFor(early.Position));
        Assert.Equal(["stays"], early.Entries.Keys);
        Assert.Equal(["stays"], late.Entries.Keys);
    }

    [Fact]
    public void WholeSet_OfSeveralPages_GoesOnBelowTheFloor_WhereItsBeginningIsKnown()
    {
        var book = Begun();
        book.Add([.. Enumerable.Range(0, 3000).Select(Stored)], Now);
        Assert.True(book.Confirm(book.Store, Guid.NewGuid(), latest: 0, Now).IsOk);
        var (users, given) = (new SimulatedUsers(), new UserHandOver());
        for (var pages = 0; users.Entries.Count == 0; pages++)
        {
            Assert.InRange(pages, 0, 20);
            var position = users.Position;
            var page = book.PageFor(position, given.SinceOf(position))!;
            given.Give(position, page, book.Standing.Floor);
            // The answer is lost, and asked for again.
            Assert.Equal(page.Version, book.PageFor(position, given.SinceOf(position))!.Version);
            users.Take(page);
        }

        Assert.Equal(3000, users.Entries.Count);
        // Whom nobody remembers begins anew.
        Assert.Equal(UserStep.WholeSet, book.Standing.Next(new UserPosition(book.Store, 5), new UserHandOver().SinceOf(users.Position)));
    }

    /// <summary>A copy of a store that was confirmed once is put back, long after another began.</summary>
    [Fact]
    public void Confirmation_IsAboutWhatThereWas_AndNotAboutAStoreBegunSince()
    {
        var book = Begun();
        book.Put(new User { Name = "alice" }, null, Now);
        var (before, ahead) = (VersionAt(Now), VersionAt(Now.AddDays(1)));
        Assert.Equal(UserStep.Waits, book.Standing.Next(new UserPosition(Guid.NewGuid(), before)));
        Assert.True(book.Confirm(book.Store, null, latest: 0, Now.AddHours(1)).IsOk);
        var copy = new UserBook(book.ToState(), Now.AddDays(2));
        Assert.Equal(UserStep.WholeSet, copy.Standing.Next(new UserPosition(Guid.NewGuid(), before)));
        Assert.Equal(UserStep.Waits, copy.Standing.Next(new UserPosition(Guid.NewGuid(), ahead)));

        // Whoever is ahead when it is confirmed is among those that the operator has seen.
        Assert.True(copy.Confirm(copy.Store, null, ahead, Now.AddHours(2)).IsOk);
        Assert.Equal(UserStep.WholeSet, copy.Standing.Next(new UserPosition(Guid.NewGuid(), ahead)));
    }

    [Fact]
    public void Users_AndDevices_AreBounded()
    {
        var book = Begun();
        book.Add([.. Enumerable.Range(0, UserBook.MaxUsers - 1).Select(static i => new StoredUser { Name = $"u{i}", Version = 1 })], Now);
        Assert.True(book.Put(new User { Name = "last" }, null, Now).IsOk);

        Assert.Equal(FleetStatus.Conflict, book.Put(new User { Name = "more" }, null, Now).Status);
        List<string> conflicts = [];
        book.Compare([new StoredUser { Name = "more", Version = 1 }], conflicts);
        Assert.Single(conflicts);
        // One who was there is changed all the same.
        Assert.True(book.Put(new User { Name = "last", IsDisabled = true }, null, Now).IsOk);
    }

    [Fact]
    public void Import_OfTwoUsersWithOneSecret_IsAConflict()
    {
        var book = Begun();
        book.Add([Stored(1)], Now);
        List<string> conflicts = [];

        book.Compare([Stored(1) with { Name = "other" }], conflicts);

        Assert.Equal(["user other has a secret that another has"], conflicts);
    }

    [Fact]
    public void Document_OfTwoUsersWithOneSecret_IsFound_WhateverIsHere()
    {
        List<string> conflicts = [];
        UserBook.CompareAll([Stored(1), Stored(2), Stored(1) with { Name = "other" }], conflicts);
        Assert.Equal(["user other has a secret that another has"], conflicts);
    }

    [Fact]
    public void Search_GoesOnInWhatThereWas_WhateverIsChangedMeanwhile()
    {
        var book = Begun();
        foreach (var name in (string[])["alice", "bob", "malik"])
            book.Put(new User { Name = name }, null, Now);
        var list = book.ToList();
        book.Delete("malik", null, Now);
        book.Put(new User { Name = "alina" }, null, Now);

        var first = list.Find(new UserQuery { Search = "ali", Limit = 1 });
        var rest = list.Find(new UserQuery { Search = "ali", Limit = 1, Cursor = first.Next });

        Assert.Equal(("alice", "malik", null), (first.Items.Single().Name, rest.Items.Single().Name, rest.Next));
        Assert.Equal(["alice", "alina", "bob"], book.ToList().Find(new UserQuery()).Items.Select(static user => user.Name));
    }

    /// <summary>An older copy was put back, the coordinator restarted often since; then a node comes that was told of what was lost.</summary>
    [Fact]
    public void State_ThatWasLost_IsNoticed_HoweverManyRestartsAgo()
    {
        var book = Begun();
        book.Put(new User { Name = "alice" }, null, Now);
        var copy = book.ToState();
        book.Put(new User { Name = "lost" }, null, Now.AddHours(1));
        var lost = new UserPosition(book.Store, book.Standing.Version);
        var (now, known) = (Now.AddHours(2), new List<UserPosition>());
        book = new UserBook(copy, now);
        for (var i = 0; i < 40; i++)
        {
            now += TimeSpan.FromHours(1);
            for (var change = 0; change <= i % 3; change++)
                book.Put(new User { Name = $"u{i}.{change}" }, null, now += TimeSpan.FromMinutes(1));
            known.Add(new UserPosition(book.Store, book.Standing.Version));
            Assert.Equal(UserStep.Waits, book.Standing.Next(lost));
            // Who reported lately is in step.
            Assert.All(known.TakeLast(3), position => Assert.NotEqual(UserStep.Waits, book.Standing.Next(position)));
            Assert.InRange(book.Standing.Gaps.Count, 1, 16);
            book = new UserBook(book.ToState(), now);
        }
        Assert.Equal(copy.Floor, book.Standing.Floor);
    }

    /// <summary>Where many starts were followed by a change, pages end within what is taken for versions never given.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WholeSet_OfSeveralPages_GoesOn_HoweverManyRestartsThereWere(bool isRemembered)
    {
        var (book, now) = (Begun(), Now);
        for (var i = 0; i < 100; i++)
        {
            now += TimeSpan.FromHours(1 + i % 5);
            book = new UserBook(book.ToState(), now) { PageBytes = 1000 };
            for (var change = 0; change <= i % 3; change++)
                book.Put(new User { Name = $"u{i}.{change}" }, null, now += TimeSpan.FromMinutes(1));
        }
        Assert.InRange(book.Standing.Gaps.Count, 1, 16);
        var (users, given) = (new SimulatedUsers(), new UserHandOver());
        while (users.Entries.Count == 0)
        {
            var since = isRemembered ? given.SinceOf(users.Position) : -1;
            var page = book.PageFor(users.Position, since);
            Assert.NotNull(page);
            given.Give(users.Position, page, book.Standing.Floor);
            users.Take(page);
        }

        Assert.Equal(book.Users, users.Entries.Count);
        Assert.True(users.Pages.Count > 10);
    }

    /// <summary>Of whom storage has not as removed it may have him as he was.</summary>
    [Fact]
    public void Removed_WhereAStoreBeganAnew_AreForgotten_AsFarAsTheyAreWritten()
    {
        var book = Begun();
        for (var i = 0; i < 2 * UserBook.MinRemoved; i++)
        {
            book.Put(new User { Name = $"u{i}" }, null, Now);
            book.Delete($"u{i}", null, Now);
        }
        var written = book.ToState().Users[100].Version;
        book.LoseMemory(Guid.NewGuid(), Now);

        book.ForgetRemoved(written);

        Assert.Equal((0, (2 * UserBook.MinRemoved) - 101), (book.Users, book.ToState().Users.Count));
        Assert.True(book.ToState().Users[0].Version > written);
    }

    /// <summary>A node that was told of an import is not taken for one that knows what came after an older copy was put back.</summary>
    [Fact]
    public void Import_OfAllThatThereMayBe_GivesNoVersion_ThatACopyPutBackGivesAgain()
    {
        var book = Begun();
        var copy = book.ToState();
        book.Add([.. Enumerable.Range(0, UserBook.MaxUsers).Select(static i => new StoredUser { Name = $"u{i}", Version = 1 })], Now);
        var lost = new UserPosition(book.Store, book.Standing.Version);

        var again = new UserBook(copy, Now.AddSeconds(1));
        Assert.True(again.Put(new User { Name = "alice" }, null, Now.AddSeconds(1)).IsOk);

        Assert.Equal(UserStep.Waits, again.Standing.Next(lost));
    }

    [Fact(Explicit = true)]
    public void Measure_HundredThousandUsersWithThreeDevices()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var book = Begun();
        for (var i = 0; i < 100_000; i++)
            book.Add([Stored(i)], Now);
        var after = GC.GetTotalMemory(forceFullCollection: true);
        var (position, given, pages, bytes) = (UserPosition.Nothing, new UserHandOver(), 0, 0L);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (book.PageFor(position, given.SinceOf(position)) is { } page)
        {
            given.Give(position, page, book.Standing.Floor);
            bytes += JsonSerializer.SerializeToUtf8Bytes(page, FleetJson.Of<UserPage>()).Length;
            (position, pages) = (new UserPosition(page.Store, page.Version), pages + 1);
        }
        var took = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        var change = System.Diagnostics.Stopwatch.GetTimestamp();
        book.Put(new User { Name = "user-50000@example.com", IsDisabled = true }, null, Now);
        var revoked = book.PageFor(position)!;
        var revoking = System.Diagnostics.Stopwatch.GetElapsedTime(change);
        var state = book.ToState();
        var document = JsonSerializer.SerializeToUtf8Bytes(state, FleetJson.Of<UserBookState>());
        var bucket = UserBucket.Of(state, new HashSet<int> { 17 })[17];
        began = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal(100_000, new UserBook(state, Now).Users);
        var loading = System.Diagnostics.Stopwatch.GetElapsedTime(began);
        output.WriteLine($"""
            100 000 users with 3 devices each:
            memory of the rules: {(after - before) / 1e6:0.0} MB
            first hand-over: {pages} pages, {bytes / 1e6:0.0} MB, made and written in {took.TotalMilliseconds:0} ms
            a revocation: {revoked.Entries.Count} entry, {JsonSerializer.SerializeToUtf8Bytes(revoked, FleetJson.Of<UserPage>()).Length} bytes, {revoking.TotalMilliseconds:0.0} ms
            all as one document: {document.Length / 1e6:0.0} MB; a bucket: {bucket.Users.Count} users, {JsonSerializer.SerializeToUtf8Bytes(bucket, FleetJson.Of<UserBucket>()).Length / 1e3:0} kB
            going on from a state: {loading.TotalMilliseconds:0} ms
            """);
        Assert.Single(revoked.Entries);
    }

    private static long VersionAt(DateTimeOffset time)
    {
        var book = new UserBook(null, time);
        book.Begin(Guid.NewGuid(), time);
        return book.Standing.Version;
    }

    private static UserBook Begun()
    {
        var book = new UserBook(null, Now);
        book.Begin(Guid.NewGuid(), Now);
        return book;
    }

    private static StoredUser Stored(int number) => new()
    {
        Name = $"user-{number}@example.com",
        Version = number + 1,
        Devices = [.. Enumerable.Range(0, 3).Select(device => new StoredDevice(
            $"{number:x8}{device:x8}", $"device {device}", DeviceSecret.HashOf($"{number}.{device}"), Now))],
    };
}
