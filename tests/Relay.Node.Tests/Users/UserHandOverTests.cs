using Relay.Fleet.Contract;
using Relay.Node.Users;

namespace Relay.Node.Tests.Users;

/// <summary>What a node takes of the fleet's users, and what it does not give up for it.</summary>
public class UserHandOverTests
{
    private readonly UserHandOver _node = new(UserSet.Nothing);

    [Fact]
    public void WithoutAny_WhatComesIsTaken()
    {
        Assert.Equal(UserPosition.Nothing, _node.Position);
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        AssertHas(10, "alice");
    }

    [Fact]
    public void Changes_FollowEachOther()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice"), SampleUsers.User("bob")));
        _node.Take(SampleUsers.Since(10, 12, SampleUsers.User("carol"), new UserEntry { Name = "alice", IsRemoved = true }));
        AssertHas(12, "bob", "carol");
        _node.Take(SampleUsers.Since(12, 13, SampleUsers.User("bob") with { IsDisabled = true }));
        AssertHas(13, "carol");
        Assert.Equal(2, _node.Set.Count);
        _node.Take(null);
        AssertHas(13, "carol");
    }

    [Fact]
    public void AnswersThatWereOvertaken_ChangeNothing()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(SampleUsers.Since(10, 12, SampleUsers.User("bob")));
        _node.Take(SampleUsers.Since(10, 11, new UserEntry { Name = "alice", IsRemoved = true }));
        _node.Take(SampleUsers.Since(13, 14, new UserEntry { Name = "alice", IsRemoved = true }));
        AssertHas(12, "alice", "bob");
    }

    [Fact]
    public void WholeSet_OfSeveralPages_IsTakenWithItsLast_AndReportsSayHowFarItIs()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(SampleUsers.Whole(5, SampleUsers.User("bob"), SampleUsers.User("carol")) with { IsLast = false });
        Assert.True(_node.HasMore);
        Assert.Equal(new UserPosition(SampleUsers.Store, 5), _node.Position);
        Assert.Equal(["alice"], Names());
        _node.Take(SampleUsers.Since(5, 8, SampleUsers.User("dave"), new UserEntry { Name = "bob", IsRemoved = true }) with { IsLast = false });
        Assert.Equal(new UserPosition(SampleUsers.Store, 8), _node.Position);
        _node.Take(SampleUsers.Since(8, 11));
        Assert.False(_node.HasMore);
        AssertHas(11, "carol", "dave");
    }

    [Fact]
    public void WholeSet_ThatBeginsAnew_ForgetsWhatWasGathered()
    {
        _node.Take(SampleUsers.Whole(5, SampleUsers.User("bob")) with { IsLast = false });
        _node.Take(SampleUsers.Whole(6, SampleUsers.User("carol")) with { IsLast = false });
        _node.Take(SampleUsers.Since(6, 7));
        AssertHas(7, "carol");
    }

    [Fact]
    public void AnotherStore_TakesNothingAway_UntilItIsConfirmed()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        var other = SampleUsers.Whole(99, SampleUsers.User("bob")) with { Store = SampleUsers.OtherStore };
        for (var i = 0; i < 2; i++)
        {
            _node.Take(other);
            AssertHas(10, UserRefusal.OtherStore, "alice");
            Assert.Contains($"{SampleUsers.OtherStore}", _node.Refused!.Value.Text, StringComparison.Ordinal);
            Assert.Contains("until an operator confirms", _node.Refused.Value.Text, StringComparison.Ordinal);
        }
        _node.Take(other with { IsConfirmed = true });
        Assert.Equal((new UserPosition(SampleUsers.OtherStore, 99), null), (_node.Position, _node.Refused));
        Assert.Equal(["bob"], Names());
    }

    [Fact]
    public void AnotherStore_OfSeveralPages_IsConfirmedOnEachOfThem()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(SampleUsers.Whole(5, SampleUsers.User("bob")) with
        {
            Store = SampleUsers.OtherStore,
            IsLast = false,
            IsConfirmed = true,
        });
        Assert.Equal(new UserPosition(SampleUsers.OtherStore, 5), _node.Position);
        _node.Take(SampleUsers.Since(5, 6, SampleUsers.User("carol")) with { Store = SampleUsers.OtherStore });
        AssertHas(10, UserRefusal.OtherStore, "alice");
    }

    [Fact]
    public void Emptiness_TakesNothingAway_UntilItIsConfirmed()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice") with { IsDisabled = true }, SampleUsers.User("bob")));
        _node.Take(SampleUsers.Whole(11));
        AssertHas(10, UserRefusal.Empty, "bob");
        _node.Take(SampleUsers.Whole(11) with { Store = SampleUsers.OtherStore });
        AssertHas(10, UserRefusal.OtherStore, "bob");
        _node.Take(SampleUsers.Whole(11) with { IsConfirmed = true });
        AssertHas(11);
    }

    [Fact]
    public void LastUser_RemovedByAChange_IsNoEmptiness()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(SampleUsers.Since(10, 11, new UserEntry { Name = "alice", IsRemoved = true }));
        AssertHas(11);
        // Nothing is left to be taken away.
        _node.Take(SampleUsers.Whole(3, SampleUsers.User("bob")) with { Store = SampleUsers.OtherStore });
        Assert.Equal(new UserPosition(SampleUsers.OtherStore, 3), _node.Position);
    }

    [Fact]
    public void DisabledUsers_AreUsers_OfWhomNoOtherStoreDecides()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice") with { IsDisabled = true }));
        _node.Take(SampleUsers.Whole(99, SampleUsers.User("alice")) with { Store = SampleUsers.OtherStore });
        AssertHas(10, UserRefusal.OtherStore);
    }

    [Fact]
    public void OwnStore_DoesNotGoBack_UnlessItIsConfirmed()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice") with { IsDisabled = true }, SampleUsers.User("bob")));
        _node.Take(SampleUsers.Whole(9, SampleUsers.User("alice")));
        AssertHas(10, UserRefusal.Older, "bob");
        _node.Take(SampleUsers.Whole(9, SampleUsers.User("alice")) with { IsConfirmed = true });
        AssertHas(9, "alice");
    }

    [Fact]
    public void OwnStore_Whole_IsTaken()
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(SampleUsers.Whole(20, SampleUsers.User("bob")));
        AssertHas(20, "bob");
    }

    public static TheoryData<string, UserPage> Faults => new()
    {
        { "a user's name is not", Page(SampleUsers.User("Alice")) },
        { "a user's name is not", Page(SampleUsers.User("a:b")) },
        { "a user's name is not", Page(SampleUsers.User("")) },
        { "a user's name is not", Page([null!]) },
        { "user bob is there twice", Page(SampleUsers.User("bob"), SampleUsers.User("bob", devices: 2)) },
        { "user bob has more than 64", Page(SampleUsers.User("bob", devices: 65)) },
        { "or one that is no SHA-256", Page(SampleUsers.User("bob") with { Credentials = [new CredentialEntry("1", "AAAA")] }) },
        { "or one that is no SHA-256", Page(SampleUsers.User("bob") with { Credentials = [new CredentialEntry("1", new string('*', 44))] }) },
        { "or one that is no SHA-256", Page(SampleUsers.User("bob") with { Credentials = [null!] }) },
        { "two of them have one credential", Page(SampleUsers.User("bob") with { Credentials = [SampleUsers.Credential("alice", 1)] }) },
        { "a page has no version", Page() with { Version = 10 } },
        { "a page has no version", SampleUsers.Whole(0) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Nonsense_IsRefusedWhole(string fault, UserPage page)
    {
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(page);
        Assert.Equal((UserRefusal.Malformed, UserPosition.Nothing), (_node.Refused?.Reason, _node.Position));
        Assert.Equal(["alice"], Names());
        Assert.Contains(fault, _node.Refused!.Value.Text, StringComparison.Ordinal);
        _node.Take(null);
        AssertHas(10, "alice");
    }

    [Fact]
    public void Nonsense_ThatWouldComeForEver_IsAskedForAsAWhole_Once()
    {
        var nonsense = Page(SampleUsers.User("Alice"));
        _node.Take(SampleUsers.Whole(10, SampleUsers.User("alice")));
        _node.Take(nonsense);
        Assert.Equal(UserPosition.Nothing, _node.Position);
        // The whole of it is no better.
        _node.Take(SampleUsers.Whole(11, SampleUsers.User("Alice")));
        AssertHas(10, UserRefusal.Malformed, "alice");
        _node.Take(nonsense);
        AssertHas(10, UserRefusal.Malformed, "alice");

        _node.Take(SampleUsers.Since(10, 12, SampleUsers.User("bob")));
        _node.Take(SampleUsers.Since(12, 13, SampleUsers.User("Alice")));
        Assert.Equal(UserPosition.Nothing, _node.Position);
        _node.Take(SampleUsers.Whole(13, SampleUsers.User("carol")));
        AssertHas(13, "carol");
    }

    [Fact]
    public void MoreUsersThanMayBe_AreRefused_AsSoonAsTheyAre()
    {
        const int Pages = 16;
        UserPage Some(int page, int users)
        {
            UserEntry[] entries = [.. Enumerable.Range(0, users).Select(i => SampleUsers.User($"u{page}.{i}", devices: 0))];
            return SampleUsers.Since(page, page + 1, entries) with { IsLast = false };
        }

        for (var page = 0; page < Pages; page++)
        {
            _node.Take(Some(page, UserSet.MaxUsers / Pages));
            Assert.Null(_node.Refused);
        }
        _node.Take(Some(Pages, 1));
        Assert.Equal(UserRefusal.Malformed, _node.Refused?.Reason);
        Assert.Equal(UserPosition.Nothing, _node.Position);
    }

    private static UserPage Page(params UserEntry[] entries) => SampleUsers.Since(10, 11, [SampleUsers.User("new"), .. entries]);

    private void AssertHas(long version, params string[] users) => AssertHas(version, null, users);

    private void AssertHas(long version, UserRefusal? refused, params string[] users)
    {
        Assert.Equal(refused, _node.Refused?.Reason);
        Assert.Equal(new UserPosition(SampleUsers.Store, version), _node.Position);
        Assert.Equal(_node.Position, _node.Set.Position);
        Assert.Equal(users, Names());
        Assert.False(_node.HasMore);
    }

    private IEnumerable<string> Names() =>
        _node.Set.Table.All.Select(static secret => secret.User).Distinct().Order(StringComparer.Ordinal);
}
