using Relay.Fleet.Contract;
using Relay.Node.Sessions;
using Relay.Node.Tests.Fleet;
using Relay.Node.Tests.Users;

namespace Relay.Node.Tests.Carriers;

/// <summary>Who is a user no more loses what is open, and gets nothing new, by whatever version of HTTP; others notice nothing.</summary>
public sealed class UserRevocationTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly FakeNode _node;
    private UserPage? _next;

    public UserRevocationTests()
    {
        _node = new FakeNode(usersFile: _folder.File("users"));
        _node.Fleet.Answer = report => Task.FromResult(FakeFleet.Directive(report) with { Users = _next });
    }

    private NodeSettings Settings => new() { Authenticator = _node.Authenticator, Observer = _node.Journal };

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    public static TheoryData<string, UserEntry> Revocations
    {
        get
        {
            var data = new TheoryData<string, UserEntry>();
            foreach (var http in (string[])["1.1", "2", "3"])
            {
                data.Add(http, new UserEntry { Name = "alice", IsRemoved = true });
                data.Add(http, SampleUsers.User("alice") with { IsDisabled = true });
                data.Add(http, SampleUsers.User("alice") with { Credentials = [SampleUsers.Credential("alice", 2)] });
                data.Add(http, SampleUsers.User("alice", expires: DateTimeOffset.UnixEpoch));
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Revocations))]
    public async Task Revoked_LosesItsTunnels_WithTheAnswerThatSaysSo_OthersKeepTheirs(string http, UserEntry revoked)
    {
        await TakeAsync(SampleUsers.Whole(10, SampleUsers.User("alice", devices: 2), SampleUsers.User("bob")));
        using var alice = CarriedClient.Create(http, Settings);
        using var second = alice.Beside(http);
        using var bob = alice.Beside(http);
        _ = alice.Open(Ask(alice, "alice"));
        var kept = second.Open(Ask(second, "alice", device: 2));
        var other = bob.Open(Ask(bob, "bob"));
        await TakeAsync(null);
        Assert.Equal(
            ["user:alice", "user:alice", "user:bob"],
            _node.Fleet.Reports[^1].Sessions.Changed.Select(static one => one.Identity).Order(StringComparer.Ordinal));

        await TakeAsync(SampleUsers.Since(10, 11, revoked));
        Assert.True(alice.Run(() => alice.IsOver));
        Assert.NotEqual(200, Again(alice, http, "alice"));
        var isOneCredential = revoked is { IsRemoved: false, IsDisabled: false, ExpiresAt: null };
        Assert.True(alice.Run(() => second.IsOver != isOneCredential));
        foreach (var tunnel in isOneCredential ? [kept, other] : new[] { other })
        {
            tunnel.Send("still here"u8);
            Assert.True(alice.Run(() => tunnel.BodyLength == 10));
        }
        Assert.Equal(isOneCredential ? 1 : 2, alice.Outcomes.Count(static outcome => outcome == "force_closed"));
        Assert.Equal(isOneCredential ? 200 : 407, Again(alice, http, "alice", device: 2));
        Assert.Equal(200, Again(alice, http, "bob"));
        Assert.Equal(
            isOneCredential ? 1 : 2, _node.Log.Texts.Count(static line => line.EndsWith("its credential is good no more", StringComparison.Ordinal)));
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task Expired_LosesItsTunnels_ByTheWallClock(string http)
    {
        await TakeAsync(SampleUsers.Whole(
            10, SampleUsers.User("alice", expires: _node.Clock.GetUtcNow().AddMinutes(1)), SampleUsers.User("bob")));
        using var alice = CarriedClient.Create(http, Settings);
        using var bob = alice.Beside(http);
        _ = alice.Open(Ask(alice, "alice"));
        var other = bob.Open(Ask(bob, "bob"));
        _node.Clock.Advance(TimeSpan.FromSeconds(59));
        _node.Link.Tick();
        alice.Run(Time.Seconds(1));
        Assert.False(alice.IsOver);
        _node.Clock.Advance(TimeSpan.FromSeconds(1));
        _node.Link.Tick();
        Assert.True(alice.Run(() => alice.IsOver));
        Assert.Equal(407, Again(alice, http, "alice"));
        other.Send("still here"u8);
        Assert.True(bob.Run(() => other.BodyLength == 10));
    }

    // It was let in by users that were replaced before its session was heard of.
    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task Revoked_BetweenItsRequestAndTheFirstWordOfItsSession_IsFoundAtTheNextLook(string http)
    {
        await TakeAsync(SampleUsers.Whole(10, SampleUsers.User("alice"), SampleUsers.User("bob")));
        var late = new LateObserver(_node.Journal);
        using var alice = CarriedClient.Create(http, Settings with { Observer = late });
        _ = alice.Open(Ask(alice, "alice"));
        await TakeAsync(SampleUsers.Since(10, 11, new UserEntry { Name = "alice", IsRemoved = true }));
        alice.Run(Time.Seconds(1));
        Assert.False(alice.IsOver);
        late.Pass();
        _node.Link.Tick();
        Assert.True(alice.Run(() => alice.IsOver));
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task TooOldUsers_GetNothingNew_AndKeepWhatIsOpen(string http)
    {
        await TakeAsync(SampleUsers.Whole(10, SampleUsers.User("alice")));
        using var alice = CarriedClient.Create(http, Settings);
        var open = alice.Open(Ask(alice, "alice"));
        _node.Fleet.FailsWith(new FleetUnavailableException("away"));
        _node.Clock.Advance(TimeSpan.FromHours(25));
        await _node.Link.ReportAsync(isLeaving: false, TestContext.Current.CancellationToken);
        _node.Link.Tick();
        Assert.Equal(407, Again(alice, http, "alice"));
        open.Send("still here"u8);
        Assert.True(alice.Run(() => open.BodyLength == 10));
        _node.Fleet.Answer = static report => Task.FromResult(FakeFleet.Directive(report) with { KnowsUsers = true });
        await TakeAsync(null);
        Assert.Equal(200, Again(alice, http, "alice"));
    }

    private async Task TakeAsync(UserPage? page)
    {
        _next = page;
        Assert.True(await _node.Link.ReportAsync(isLeaving: false, TestContext.Current.CancellationToken));
    }

    /// <summary>The status of another request, on a connection of its own.</summary>
    private static int Again(CarriedClient client, string http, string user, int device = 1)
    {
        using var own = client.Beside(http);
        return own.Answered(Ask(own, user, device)).Status;
    }

    private static CarriedTunnel Ask(CarriedClient client, string user, int device = 1) =>
        client.Connect(more: ("proxy-authorization", $"Bearer {SampleUsers.Secret(user, device)}"));

    /// <summary>Passes on what it hears when it is told to.</summary>
    private sealed class LateObserver(ISessionObserver next) : ISessionObserver
    {
        private readonly Queue<Action> _heard = new();

        public void OnChanged(Session session) => _heard.Enqueue(() => next.OnChanged(session));

        public void OnFlowOpened(Session session, IPEndPoint egress) => _heard.Enqueue(() => next.OnFlowOpened(session, egress));

        public void OnFlowClosed(Session session, IPEndPoint egress) => _heard.Enqueue(() => next.OnFlowClosed(session, egress));

        public void Pass()
        {
            while (_heard.TryDequeue(out var one))
                one();
        }
    }
}
