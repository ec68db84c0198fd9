using Relay.Admin.Enrolments;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;

namespace Relay.Admin.Tests;

/// <summary>What guesses cost the fleet.</summary>
public class EnrolmentLookupTests
{
    [Fact]
    public async Task Many_WhoAskAtOnce_ShareACall_ThatBeganAfterTheyCame()
    {
        var calls = new List<TaskCompletionSource<IReadOnlyList<Enrolment>>>();
        var fleet = new ScriptedFleet
        {
            OnListEnrolments = () =>
            {
                var call = new TaskCompletionSource<IReadOnlyList<Enrolment>>(TaskCreationOptions.RunContinuationsAsynchronously);
                lock (calls)
                    calls.Add(call);
                return call.Task;
            },
        };
        var lookup = new EnrolmentLookup(fleet);
        var token = EnrolmentToken.Create();
        int Calls()
        {
            lock (calls)
                return calls.Count;
        }

        var first = lookup.FindAsync(token.Text, default);
        await Eventually.HoldsAsync(() => Calls() == 1);
        // It was under way before these came, so it does not tell of what began since.
        var others = Enumerable.Range(0, 100).Select(_ => lookup.FindAsync(token.Text, default)).ToArray();
        calls[0].SetResult([]);
        Assert.Null(await first);
        await Eventually.HoldsAsync(() => Calls() == 2);
        calls[1].SetResult([new Enrolment { Sha256 = token.Hash, User = "alice", Device = "phone", By = "otto", ExpiresAt = default }]);

        Assert.All(await Task.WhenAll(others), static found => Assert.Equal("alice", found!.User));
        Assert.Equal(2, Calls());
    }

    [Fact]
    public async Task Failure_IsThatOfWhoAsked_AndTheNextAsksAnew()
    {
        var isAway = true;
        var lookup = new EnrolmentLookup(new ScriptedFleet
        {
            OnListEnrolments = () => isAway
                ? throw new FleetUnavailableException("away") : Task.FromResult<IReadOnlyList<Enrolment>>([]),
        });
        await Assert.ThrowsAsync<FleetUnavailableException>(() => lookup.FindAsync(EnrolmentToken.Create().Text, default));
        isAway = false;
        Assert.Null(await lookup.FindAsync(EnrolmentToken.Create().Text, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task WhatIsNoToken_IsAskedOfNobody(string text) =>
        Assert.Null(await new EnrolmentLookup(new ScriptedFleet()).FindAsync(text, default));
}
