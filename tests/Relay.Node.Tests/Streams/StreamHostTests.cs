using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Streams;

namespace Relay.Node.Tests.Streams;

/// <summary>What the connections of a loop over TCP may take of each other: turns, handshakes, memory, the end.</summary>
public sealed class StreamHostTests : IDisposable
{
    private const int Quantum = 64 * 1024;
    private const int Record = 16 * 1024;

    private readonly HostWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Connections_AreAcceptedSixteenATurn()
    {
        var port = _world.Listen();
        for (var i = 0; i < 40; i++)
            _ = _world.Connect(port);
        // The kernel may have the last of them in its queue only after the first turns.
        var accepted = 0L;
        _world.Until(() =>
        {
            Assert.InRange(_world.Loop.Counters.ConnectionsAccepted - accepted, 0, 16);
            accepted = _world.Loop.Counters.ConnectionsAccepted;
            return accepted == 40;
        });
        Assert.Equal((40L, 40L), (_world.Loop.Counters.ConnectionsActive, _world.Loop.Counters.HandshakesPending));
    }

    [Fact]
    public void Connections_ThatTakeLong_AreAcceptedAFewATurn_AndEachOfThem()
    {
        _world.Work.Work = Time.Microseconds(75);
        int[] ports = [_world.Listen(), _world.Listen()];
        for (var i = 0; i < 20; i++)
            _ = _world.Connect(ports[i % 2]);
        var accepted = 0L;
        _world.Until(() =>
        {
            Assert.InRange(_world.Loop.Counters.ConnectionsAccepted - accepted, 0, 4);
            accepted = _world.Loop.Counters.ConnectionsAccepted;
            return accepted == 20;
        });
    }

    [Fact]
    public void Handshakes_GoOnAFewATurn_AndEachOfThem()
    {
        var clients = new List<HostClient>();
        for (var i = 0; i < 3; i++)
        {
            var port = _world.Listen();
            clients.AddRange(Enumerable.Range(0, 16).Select(_ => _world.Connect(port)));
        }
        clients.ForEach(static client => client.Handshake());
        const int InATurn = 4;
        // So many take a turn's share.
        _world.Work.Work = Time.Microseconds(75);
        var complete = new HashSet<HostClient>();
        var turns = 0;
        _world.Until(() =>
        {
            // A client has all of TLS 1.3 that it needs with the first that the relay says.
            complete.UnionWith(clients.Where(client => !complete.Contains(client) && client.Handshake()));
            Assert.InRange(complete.Count, 0, InATurn * turns++);
            return complete.Count == 48;
        });
        _world.Until(() => _world.Loop.Counters.ConnectionsEstablished == 48);
    }

    /// <summary>
    /// What clients have sent and nobody takes is counted while it is so, against who has it: another behind its address has nothing
    /// of it.
    /// </summary>
    [Fact]
    public void Memory_OfWhatNobodyTakes_IsCountedBySource()
    {
        const int limit = 1024 * 1024;
        using var world = new HostWorld(memory: limit);
        _ = world.Establish(2);
        world.Protocols[0].Untaken = 2 * limit;
        world.Turn();
        Assert.Equal((2L * limit) - ClientMemory.OfConnection, world.Memory.Bytes);

        var port = world.Listen();
        var behindIt = world.Connect(port);
        world.Until(() => behindIt.Handshake());
        Assert.Equal(3, world.Connections.Open.Count);
        Assert.Equal([true, false, false], world.Connections.Open.Select(static client => client.HasTooMuch));

        world.Protocols[0].Untaken = 0;
        world.Turn();
        Assert.Equal((0L, 0), (world.Memory.Bytes, world.Memory.Sources));
        Assert.DoesNotContain(world.Connections.Open, static client => client.HasTooMuch);
    }

    /// <summary>Who has more than its share of a loop that has too much is not read until some of it is taken; others are.</summary>
    [Fact]
    public void Reading_OfWhoHasTooMuch_IsPausedUntilSomeOfItIsTaken()
    {
        const int limit = 1024 * 1024;
        using var world = new HostWorld(memory: limit);
        var clients = world.Establish(2);
        var (greedy, other) = (world.Protocols[0], world.Protocols[1]);
        var first = clients.Single(client => greedy.Client.Carrier.ClientEndPoint.Equals(client.Address));
        var second = clients.Single(client => client != first);
        greedy.Untaken = 2 * limit;
        world.Turn();
        first.Send(100);
        second.Send(100);
        world.Until(() => other.Received == 100);
        world.Turn();
        Assert.Equal((0L, 1L), (greedy.Received, world.Loop.Counters.ReadsPaused));
        world.Advance(1);
        world.Turn();
        Assert.Equal((0L, 2L), (greedy.Received, world.Loop.Counters.ReadsPaused));
        Assert.Equal(2, world.Connections.Open.Count);
        greedy.Untaken = 0;
        // Its target has taken it.
        greedy.Stream.RequestWrite();
        world.Turn();
        world.Advance(1);
        world.Until(() => greedy.Received == 100);
        Assert.Equal(0, world.Memory.Bytes);
    }

    /// <summary>What a client with windows can send is bounded, and ends streams or makes room for others: it is read as long as anything is left.</summary>
    [Fact]
    public void Reading_OfWhoHasWindows_IsPausedOnlyWhereNothingIsLeft()
    {
        const int limit = 1024 * 1024;
        using var world = new HostWorld(memory: limit);
        var client = Assert.Single(world.Establish(1));
        var protocol = world.Protocols[0];
        protocol.IsWindowed = true;
        protocol.Untaken = (limit * 3 / 2) - 1;
        world.Turn();
        Assert.True(protocol.Client.IsFull);
        client.Send(100);
        world.Until(() => protocol.Received == 100);
        Assert.Equal(0, world.Loop.Counters.ReadsPaused);
        protocol.Untaken = limit * 2;
        protocol.Stream.RequestWrite();
        world.Turn();
        client.Send(100);
        world.Until(() => world.Loop.Counters.ReadsPaused > 0);
        Assert.Equal(100, protocol.Received);
    }

    [Fact]
    public void Reading_IsByTurns_AQuantumEach()
    {
        const int length = 1_000_000;
        var clients = _world.Establish(3);
        var turns = 0;
        foreach (var client in clients)
            client.Send(length);
        _world.Until(() =>
        {
            AssertTurns(Quantum + Record);
            turns++;
            return _world.Protocols.TrueForAll(static protocol => protocol.Received >= length / 2);
        });
        Assert.InRange(turns, length / 2 / (Quantum + Record), int.MaxValue);
    }

    /// <summary>What a connection had open ends in a share of each turn, and it itself with the last of it.</summary>
    [Fact]
    public void Connection_WithManyStreams_EndsInAFewTurns()
    {
        _world.Establish(1);
        var protocol = _world.Protocols[0];
        for (var i = 0; i < 3; i++)
            _world.Turn();
        protocol.Streams = 5 * 8;
        // Two pieces of it are a turn's share.
        _world.Work.Work = Time.Microseconds(150);
        protocol.Client.Carrier.Break();
        _world.Turn();
        Assert.Equal((3 * 8, 1), (protocol.Streams, _world.Connections.Open.Count));
        _world.Turn();
        Assert.Equal((8, 1), (protocol.Streams, _world.Connections.Open.Count));
        _world.Turn();
        Assert.Equal((0, 0), (protocol.Streams, _world.Connections.Open.Count));
        Assert.Equal(0, _world.Loop.Counters.ConnectionsActive);
    }

    /// <summary>Reading has a share of a turn; what it has no time for has the next, and many connections of a source have what one has.</summary>
    [Fact]
    public void Reading_BeyondItsShareOfATurn_IsLater_BySource()
    {
        const int many = 8;
        var clients = _world.Establish(many).ToList();
        var port = _world.Listen();
        var neighbour = _world.Connect(port, "127.0.0.2");
        _world.Until(() => neighbour.Handshake() && _world.Connections.Open.All(static one => one.IsEstablished));
        var other = _world.Connections.Open.Select(static one => (StreamConnection)one.Carrier)
            .Single(one => one.ClientEndPoint.Equals(neighbour.Address));
        // Nobody has anything left to read.
        for (var i = 0; i < 3; i++)
            _world.Turn();
        // Two take a turn's share.
        _world.Work.Work = Time.Microseconds(150);
        _world.Turn();
        // It is the last that has come.
        Assert.Equal(many + 1 - 2, Waiting());
        Assert.True(other.IsReading);
        _world.Turn();
        Assert.False(other.IsReading);
        for (var turn = 2; turn < many; turn++)
            _world.Turn();
        clients.Add(neighbour);
        clients.ForEach(static client => client.Send(100));
        _world.Until(() => _world.Protocols.TrueForAll(static protocol => protocol.Received == 100));

        int Waiting() => _world.Connections.Open.Count(static one => ((StreamConnection)one.Carrier).IsReading);
    }

    [Fact]
    public void Reading_OfOne_EndsWithItsShareOfATurn_AfterARecord()
    {
        const int length = 10 * Record;
        var client = Assert.Single(_world.Establish(1));
        _world.Work.Work = Time.Microseconds(250);
        client.Send(length);
        _world.Until(() =>
        {
            AssertTurns(Record);
            return _world.Protocols[0].Received == length;
        });
    }

    [Fact]
    public void Writing_ManyAreAskedForAFewRecordsEach_AndOneForMore()
    {
        var clients = _world.Establish(8);
        foreach (var protocol in _world.Protocols)
            protocol.Say(400_000);
        _world.Until(() =>
        {
            AssertTurns(2 * Record);
            foreach (var client in clients)
                client.Read();
            return _world.Protocols.TrueForAll(static protocol => protocol.Left == 0);
        });

        var largest = 0;
        _world.Protocols[0].Say(4_000_000);
        _world.Until(() =>
        {
            clients[0].Read();
            largest = Math.Max(largest, _world.Done.Sum(static one => one.Length));
            return _world.Protocols[0].Left == 0;
        });
        Assert.Equal(7 * Record, largest);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void NoMemory_OrADefect_InOneConnection_CostsNoOther(bool reads, bool memory)
    {
        var clients = _world.Establish(3);
        var (first, faulty, last) = (_world.Protocols[0], _world.Protocols[1], _world.Protocols[2]);
        // Where there is no memory, there is none for the line of the log either.
        _world.ReportFault = new OutOfMemoryException();
        faulty.Act = () => throw (memory ? new OutOfMemoryException() : new InvalidOperationException());
        foreach (var client in clients)
            client.Send(reads ? 100 : 0);
        foreach (var protocol in _world.Protocols)
            protocol.Say(reads ? 0 : 100);
        _world.Until(() => clients[IndexOf(faulty)].Read());
        Assert.Equal(-Errno.ECONNRESET, clients[IndexOf(faulty)].End);
        Assert.Equal(memory ? (0, 1) : (1, 0), (_world.Defects.Count, _world.OutOfMemory.Count));
        Assert.Equal((2, 2L), (_world.Connections.Open.Count, _world.Loop.Counters.ConnectionsActive));
        foreach (var protocol in (FakeProtocol[])[first, last])
        {
            var client = clients[IndexOf(protocol)];
            client.Send(50);
            protocol.Say(50);
            _world.Until(() => protocol.Received == (reads ? 150 : 50));
            _world.Until(() => client.Read() || client.Got == (reads ? 50 : 150));
            Assert.Null(client.End);
        }

        // Their order is that in which handshakes were completed: who gets what one says is its client.
        int IndexOf(FakeProtocol protocol) => Array.FindIndex(
            clients, client => client.Address.Equals(protocol.Client.Carrier.ClientEndPoint));
    }

    /// <summary>A socket that nobody closes is its client's until the node ends.</summary>
    [Fact]
    public void Defect_AtAConnectionsEnd_LeavesNoSocketOpen()
    {
        var client = Assert.Single(_world.Establish(1));
        var protocol = Assert.Single(_world.Protocols);
        protocol.DisposeFault = new InvalidOperationException();
        protocol.Client.Carrier.Break();
        _world.Until(() => client.Read());
        Assert.Equal((-Errno.ECONNRESET, 0), (client.End, _world.Connections.Open.Count));
        Assert.Same(protocol.DisposeFault, Assert.Single(_world.Defects));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(4431)]
    public void AltSvc_NamesThePortThatClientsSee(int? port)
    {
        var own = _world.Listen(port);
        _ = _world.Connect(own);
        _world.Until(() => _world.Connections.Open.Count == 1);
        var altSvc = ((StreamConnection)_world.Connections.Open.Single().Carrier).AltSvc;
        Assert.Equal(port == 0 ? null : $"h3=\":{port ?? own}\"", altSvc);
    }

    /// <summary>In the last turn everybody had bytes once at most, and no more than so many.</summary>
    private void AssertTurns(int most)
    {
        var turns = new List<(FakeProtocol Who, int Length)>();
        foreach (var (who, length) in _world.Done)
        {
            if (turns.Count > 0 && turns[^1].Who == who)
                turns[^1] = (who, turns[^1].Length + length);
            else
                turns.Add((who, length));
        }
        Assert.Distinct(turns.Select(static turn => turn.Who));
        Assert.All(turns, turn => Assert.InRange(turn.Length, 0, most));
    }
}
