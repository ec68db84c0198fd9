using Relay.Fleet.Contract;
using Relay.Node.Tests.Fleet;
using Relay.Node.Tests.Users;

namespace Relay.Node.Tests.Carriers;

/// <summary>Who has used up the month loses what is open, and gets nothing new, by whatever version of HTTP; others notice nothing.</summary>
public sealed class MonthQuotaTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly FakeNode _node;
    private UserPage? _next;
    private string[] _spent = [];
    private int _left;
    private bool _acknowledges = true;

    public MonthQuotaTests()
    {
        _node = new FakeNode(usersFile: _folder.File("users"));
        _node.Fleet.Answer = report => Task.FromResult(FakeFleet.Directive(report) with
        {
            Users = _next,
            SpentUsers = _spent,
            MonthEndsInSeconds = _left,
            AcknowledgedUse = _acknowledges ? report.Use?.Number ?? 0 : 0,
        });
    }

    private NodeSettings Settings => new()
    {
        Authenticator = _node.Authenticator,
        Observer = _node.Journal,
        Identities = _node.Identities,
    };

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task Spent_LosesItsTunnels_AndIsRefused_UntilTheMonthIsOver_OthersKeepTheirs(string http)
    {
        await TakeUsersAsync();
        using var alice = CarriedClient.Create(http, Settings);
        using var bob = alice.Beside(http);
        _ = alice.Open(Ask(alice, "alice"));
        var other = bob.Open(Ask(bob, "bob"));
        await ReportAsync();

        (_spent, _left) = (["alice"], 3 * 86400);
        await ReportAsync();

        Assert.True(alice.Run(() => alice.IsOver));
        Assert.Equal((429, "86400"), Again(alice, http, "alice"));
        using (var own = alice.Beside(http))
        {
            Assert.Equal(
                "relay-node; error=http_request_denied; details=\"limit of the identity, bytes of the month\"",
                own.Answered(Ask(own, "alice")).Field("proxy-status"));
        }
        Assert.Equal(200, Again(alice, http, "bob").Status);
        other.Send("still here"u8);
        Assert.True(alice.Run(() => other.BodyLength == 10));
        Assert.Contains(_node.Log.Texts, static line => line.EndsWith("of user:alice ends: the month's quota is used up", StringComparison.Ordinal));

        // Nobody answers: the month is over after its time, wherever the wall clock is set.
        _left = 3600;
        await ReportAsync();
        Assert.Equal((429, "3600"), Again(alice, http, "alice"));
        _node.Fleet.FailsWith(new FleetUnavailableException("away"));
        _node.Clock.SetClock(TimeSpan.FromDays(40));
        _node.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromSeconds(10));
        _node.Link.Tick();
        Assert.Equal((429, "10"), Again(alice, http, "alice"));
        _node.Clock.Advance(TimeSpan.FromSeconds(10));
        _node.Link.Tick();
        Assert.Equal(200, Again(alice, http, "alice").Status);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task Spent_IsLetInAgain_WithTheAnswerThatNamesNobody(string http)
    {
        await TakeUsersAsync();
        (_spent, _left) = (["alice"], 3 * 86400);
        await ReportAsync();
        using var alice = CarriedClient.Create(http, Settings);
        Assert.Equal(429, Again(alice, http, "alice").Status);
        (_spent, _left) = ([], 0);
        await ReportAsync();
        Assert.Equal(200, Again(alice, http, "alice").Status);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public async Task Reports_TellWhatUsersHaveUsed_UntilItHasArrived_AndNothingTwice(string http)
    {
        await TakeUsersAsync();
        using var alice = CarriedClient.Create(http, Settings);
        var tunnel = alice.Open(Ask(alice, "alice"));
        tunnel.Send(new byte[1000]);
        Assert.True(alice.Run(() => tunnel.BodyLength == 1000));
        _acknowledges = false;
        var first = (await ReportAsync()).Use!;
        Assert.Equal((1, new UserUse("alice", 1000, 1000, 1)), (first.Number, Assert.Single(first.Users)));
        tunnel.Send(new byte[500]);
        Assert.True(alice.Run(() => tunnel.BodyLength == 1500));
        var again = (await ReportAsync()).Use!;
        Assert.Equal((1, first.Users), (again.Number, again.Users));

        _acknowledges = true;
        Assert.Equal(1, (await ReportAsync()).Use!.Number);
        tunnel.Send(new byte[1]);
        Assert.True(alice.Run(() => tunnel.BodyLength == 1501));
        tunnel.Reset();
        alice.Vanish();
        alice.Run(Time.Seconds(100));
        var second = (await ReportAsync()).Use!;
        Assert.Equal((2, new UserUse("alice", 501, 501, 0)), (second.Number, Assert.Single(second.Users)));
        Assert.Null((await ReportAsync()).Use);
    }

    private async Task TakeUsersAsync()
    {
        _next = SampleUsers.Whole(10, SampleUsers.User("alice"), SampleUsers.User("bob"));
        await ReportAsync();
        _next = null;
    }

    private async Task<NodeReport> ReportAsync()
    {
        Assert.True(await _node.Link.ReportAsync(isLeaving: false, TestContext.Current.CancellationToken));
        return _node.Fleet.Reports[^1];
    }

    /// <summary>What another request is answered, on a connection of its own.</summary>
    private static (int Status, string? RetryAfter) Again(CarriedClient client, string http, string user)
    {
        using var own = client.Beside(http);
        var tunnel = own.Answered(Ask(own, user));
        return (tunnel.Status, tunnel.Field("retry-after"));
    }

    private static CarriedTunnel Ask(CarriedClient client, string user) =>
        client.Connect(more: ("proxy-authorization", $"Bearer {SampleUsers.Secret(user)}"));
}
