using Relay.Fleet.Contract;
using Relay.Node.Fleet;

namespace Relay.Node.Tests.Fleet;

/// <summary>What is told of users' use, in which parts, and what is kept of it.</summary>
public class UserUseLedgerTests
{
    private readonly UserUseLedger _ledger = new();
    private readonly FakeSessions _sessions = new();

    [Fact]
    public void ManyUsers_AreToldInParts_EachAsItIs_UntilItHasArrived()
    {
        const int Users = (2 * UserUseBatch.MaxUsers) + 10;
        for (var i = 0; i < Users; i++)
        {
            var session = _sessions.BeginUser($"u{i}");
            (session.UpstreamBytes, session.DownstreamBytes) = (i, 2 * i);
            _ledger.Count(session, begins: true);
        }
        Dictionary<string, UserUse> told = [];
        for (var number = 1; number <= 3; number++)
        {
            var batch = _ledger.Build()!;
            Assert.Same(batch, _ledger.Build());
            Assert.False(_ledger.HasBacklog);
            Assert.Equal(number, batch.Number);
            foreach (var use in batch.Users)
                told.Add(use.Name, use);
            _ledger.Confirm(number - 1);
            Assert.Same(batch, _ledger.Build());
            _ledger.Confirm(number);
            Assert.Equal(number < 3, _ledger.HasBacklog);
        }
        Assert.Null(_ledger.Build());
        Assert.False(_ledger.IsOwed);
        Assert.Equal(Users, told.Count);
        Assert.Equal(new UserUse("u7", 7, 14, 1), told["u7"]);
    }

    [Fact]
    public void LongNames_TakeNoMoreOfAReportThanTheyMay()
    {
        // Each + is an escape of six.
        for (var i = 0; i < UserUseBatch.MaxUsers; i++)
            _ledger.Count(_sessions.BeginUser($"{i:000}" + new string('+', 60) + "z"), begins: true);
        var batch = _ledger.Build()!;
        Assert.InRange(batch.Users.Count, 100, UserUseBatch.MaxUsers - 1);
        Assert.InRange(
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new NodeReport { Node = "a", Incarnation = Guid.NewGuid(), Sequence = 1, State = NodeState.Serving, Use = batch },
                Relay.Fleet.Json.FleetJson.Of<NodeReport>()).Length,
            1, UserUseLedger.MaxBytes + 4096);
    }

    [Fact]
    public void NoUser_IsKept()
    {
        _ledger.Count(_sessions.Begin("alice"), begins: true);
        _ledger.Count(_sessions.Begin(), begins: true);
        Assert.Null(_ledger.Build());
    }
}
