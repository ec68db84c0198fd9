using Relay.Node.Http;
using Relay.Node.Options;
using Relay.Node.Tests.Http2;

namespace Relay.Node.Tests.Http;

public sealed class RequestTurnsTests : IDisposable
{
    private static readonly ulong Long = Time.Microseconds(75);

    /// <summary>So many of them take a turn's share.</summary>
    private const int InATurn = 4;

    private readonly RawPeer _peer = new();
    private readonly FakeLoop _loop;

    public RequestTurnsTests() => _loop = _peer.World.Loop;

    public void Dispose() => _peer.Dispose();

    [Fact]
    public void Waiting_MoreThanATurnHasRoomFor_EachComesToItsTurn()
    {
        var turns = new RequestTurns(_loop);
        var served = new List<int>();
        void Serve(int who)
        {
            served.Add(who);
            turns.OnRequests(_peer.Carrier.Client, NodeDefaults.MaxRequestsPerTurn / 2);
            turns.Wait(_peer.Carrier.Client, () => Serve(who));
        }
        for (var who = 0; who < 5; who++)
        {
            var each = who;
            turns.Wait(_peer.Carrier.Client, () => Serve(each));
        }
        for (var turn = 0; turn < 5; turn++)
            _loop.RunReady();
        Assert.Equal([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], served);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(40)]
    public void Waiting_OfSources_HaveTheirSharesBySource_HoweverManyConnectionsTheyHave(int requests)
    {
        const int turns = 200;
        using var another = new RawPeer(world: _peer.World, source: 8);
        var line = new RequestTurns(_loop);
        var (served, begun) = (new int[50], new Dictionary<ulong, int> { [7] = 0, [8] = 0 });
        void Serve(RawPeer peer, int who, int cost)
        {
            served[who]++;
            begun[peer.Carrier.SourceKey] += cost;
            line.OnRequests(peer.Carrier.Client, cost);
            line.Wait(peer.Carrier.Client, () => Serve(peer, who, cost));
        }
        // The first has many connections, the second one, whose requests come one by one.
        for (var who = 1; who < served.Length; who++)
        {
            var each = who;
            line.Wait(_peer.Carrier.Client, () => Serve(_peer, each, requests));
        }
        line.Wait(another.Carrier.Client, () => Serve(another, 0, 1));
        _loop.RunReady();
        // It is not behind all of them.
        Assert.InRange(served[0], 1, int.MaxValue);
        for (var turn = 1; turn < turns; turn++)
            _loop.RunReady();
        Assert.InRange(begun[8], (begun[7] / (double)Math.Max(16, requests) * 16) - 64, begun[7] + 64);
        // Nor are the connections of a source behind one another.
        Assert.InRange(served[1..].Max() - served[1..].Min(), 0, 1);
    }

    [Fact]
    public void Source_ThatWaits_HasNothingOfATurnBeforeOthersThatWait()
    {
        using var another = new RawPeer(world: _peer.World, source: 8);
        using var third = new RawPeer(world: _peer.World, source: 9);
        var turns = new RequestTurns(_loop);
        turns.Wait(_peer.Carrier.Client, static () => { });
        Assert.False(turns.IsFullFor(_peer.Carrier.Client));
        turns.Wait(another.Carrier.Client, static () => { });
        Assert.Equal((true, true, false), (turns.IsFullFor(_peer.Carrier.Client), turns.IsFullFor(another.Carrier.Client),
            turns.IsFullFor(third.Carrier.Client)));
        _loop.RunReady();
        Assert.False(turns.IsFullFor(_peer.Carrier.Client));
    }

    [Fact]
    public void Turn_OfAnotherSize_IsFullWithAsMany()
    {
        var turns = new RequestTurns(_loop, most: 3, ofConnection: 2);
        Assert.Equal(2, turns.OfConnection);
        turns.OnRequests(_peer.Carrier.Client, 2);
        Assert.False(turns.IsFullFor(_peer.Carrier.Client));
        turns.OnRequests(_peer.Carrier.Client, 1);
        Assert.True(turns.IsFullFor(_peer.Carrier.Client));
        Assert.Equal(0, _loop.Counters.RequestsDelayed);
    }

    /// <summary>Requests that take long fill a turn, though they are few.</summary>
    [Fact]
    public void Turn_IsFull_WhereItsShareOfTimeIsUsedUp()
    {
        var client = _peer.Carrier.Client;
        var turns = new RequestTurns(_loop);
        _loop.Work = Long;
        for (var i = 0; i < InATurn; i++)
        {
            Assert.False(turns.IsFullFor(client));
            turns.BeginReading(client);
            turns.OnRequests(client, 1);
            turns.EndReading();
        }
        Assert.True(turns.IsFullFor(client));
        Assert.Equal(_loop.Now + RequestTurns.Lately, client.AsksUntil);
        turns.OnRequests(client, 1);
        Assert.Equal(_loop.Now + RequestTurns.LatelyWhereFull, client.AsksUntil);
        _peer.World.Simulation.Run(1);
        Assert.False(turns.IsFullFor(client));
    }

    /// <summary>What has no requests in it is nobody's flood, also of who has just asked for something.</summary>
    [Fact]
    public void Bytes_WithoutRequests_HaveNoPartInTheirShare()
    {
        var client = _peer.Carrier.Client;
        var turns = new RequestTurns(_loop);
        _loop.Work = Long;
        turns.OnRequests(client, 1);
        turns.EndReading();
        for (var i = 0; i < 100; i++)
        {
            turns.BeginReading(client);
            turns.EndReading();
        }
        Assert.False(turns.IsFullFor(client));
    }

    [Fact]
    public void Waiting_WhatTakesLong_IsAFewATurn_AndAllOfIt()
    {
        const int many = 10;
        var client = _peer.Carrier.Client;
        var turns = new RequestTurns(_loop);
        _loop.Work = Long;
        var served = 0;
        for (var i = 0; i < many; i++)
        {
            turns.Wait(client, () =>
            {
                // Whose turn it is begins one in any case.
                Assert.False(turns.IsFullFor(client));
                served++;
                turns.OnRequests(client, 1);
            });
        }
        foreach (var expected in (int[])[InATurn, 2 * InATurn, many])
        {
            _loop.RunReady();
            Assert.Equal(expected, served);
        }
    }

    [Fact]
    public void Waiting_OfOne_GoesOnUntilItsShareOfTimeIsUsedUp()
    {
        var client = _peer.Carrier.Client;
        var turns = new RequestTurns(_loop);
        _loop.Work = Long;
        var (served, goesOn) = (0, 0);
        turns.Wait(client, () =>
        {
            do
            {
                served++;
                turns.OnRequests(client, 1);
            }
            while (!turns.IsFullFor(client));
        });
        turns.Wait(client, () =>
        {
            do
                goesOn++;
            while (turns.GoesOn);
        });
        _loop.RunReady();
        Assert.Equal((InATurn, 0), (served, goesOn));
        _loop.RunReady();
        Assert.Equal(InATurn, goesOn);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Waiting_ThatThrows_EndsItsConnection_AndIsNoReasonForOthersToWait(bool memory)
    {
        using var another = new RawPeer(world: _peer.World);
        var turns = new RequestTurns(_loop);
        var served = 0;
        turns.Wait(_peer.Carrier.Client, () => throw (memory ? new OutOfMemoryException() : new InvalidOperationException()));
        turns.Wait(another.Carrier.Client, () => served++);
        _loop.RunReady();
        Assert.Equal(1, served);
        Assert.False(_loop.HasWork);
        Assert.Equal((true, false), (_peer.Carrier.WasReset, another.Carrier.WasReset));
        Assert.Equal(memory ? (1, 0) : (0, 1), (_loop.OutOfMemory, _peer.World.Defects.Count));
    }
}
