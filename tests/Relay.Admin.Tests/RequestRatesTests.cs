using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;

namespace Relay.Admin.Tests;

/// <summary>How many requests an account may send.</summary>
public class RequestRatesTests
{
    private static readonly Account Node = new(AccountKind.Node, "edge-1");

    private readonly ManualTime _clock = new();
    private readonly Refusals _refusals = new();
    private readonly RequestRates _rates;

    public RequestRatesTests() => _rates = new RequestRates(
        new AdminConfig { ReportsPerSecond = 4, ReportBurst = 10, RequestsPerSecond = 2, RequestBurst = 5 }, _refusals, _clock);

    [Fact]
    public void Requests_BeyondTheBurst_WaitForTheRate()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(_rates.TryPass(Node));
        Assert.Equal((429, 1), _rates.TryPass(Node) is { } refusal ? (refusal.Status, refusal.RetryAfterSeconds) : default);
        _clock.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 4; i++)
            Assert.Null(_rates.TryPass(Node));
        Assert.NotNull(_rates.TryPass(Node));
        Assert.Equal((2, 0), (_refusals.Of(Refusal.ReportRate), _refusals.Of(Refusal.Rate)));

        // One that was refused costs nothing, and after a while the whole burst is there again.
        _clock.Advance(TimeSpan.FromSeconds(3));
        for (var i = 0; i < 10; i++)
            Assert.Null(_rates.TryPass(Node));
    }

    [Fact]
    public void Accounts_OfOneName_AreTheirKindsAndSources()
    {
        Account[] accounts =
        [
            new(AccountKind.Token, "edge-1"), new(AccountKind.Token, "edge-1", "192.0.2.1"), new(AccountKind.Token, "edge-1", "192.0.2.2"),
            new(AccountKind.Source, "edge-1"),
        ];
        foreach (var account in accounts)
        {
            for (var i = 0; i < 5; i++)
                Assert.Null(_rates.TryPass(account));
            Assert.NotNull(_rates.TryPass(account));
        }
        Assert.Equal((0, 4), (_refusals.Of(Refusal.ReportRate), _refusals.Of(Refusal.Rate)));
    }

    /// <summary>A network of /48 has 65 536 of /64, as many as accounts are told apart.</summary>
    [Fact]
    public void Node_BesideStrangersOfMoreAddressesThanAreToldApart_HasItsOwnRate()
    {
        for (var i = 0; i < 70_000; i++)
            _ = _rates.TryPass(new Account(AccountKind.Source, $"2001:db8:0:{i:x}::"));
        Assert.NotEqual(0, _refusals.Of(Refusal.Rate));

        for (var i = 0; i < 10; i++)
            Assert.Null(_rates.TryPass(Node));
    }

    [Fact]
    public void Request_OfAKnownAccount_MakesNoObject()
    {
        _rates.TryPass(Node);

        Assert.Equal(0, Allocations.Of(() =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(_rates.TryPass(Node) is null);
        }) - Allocations.Of(() => _clock.Advance(TimeSpan.FromSeconds(1))));
    }
}
