namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Connection IDs that make the relay answer, of which nothing is ever acknowledged (CVE-2024-22189): what waits for it is bounded, or the
/// connection ends.
/// </summary>
public class AnswerFloodTests : InMemoryTests
{
    private const int Packets = 3000;
    private const ulong ConnectionIdLimit = 0x09;
    private const ulong NewConnectionId = 0x18;
    private const ulong RetireConnectionId = 0x19;

    /// <summary>Each is answered with RETIRE_CONNECTION_ID, which is repeated until it is acknowledged.</summary>
    [Fact]
    public void NewConnectionIds_ThatRetireTheOneBefore_EndTheConnection_BeforeManyAnswersWait()
    {
        var network = Start();
        var client = network.Speak();
        client.Acknowledges = false;
        // Above all that its handshake has given.
        const ulong first = 100;
        var next = first;
        while (next < first + Packets && client.Close is null)
        {
            client.Send([
                .. QuicFrames.Of(NewConnectionId, next, next, 8), .. BitConverter.GetBytes(next | (1ul << 63)), .. BitConverter.GetBytes(next),
                .. BitConverter.GetBytes(next),
            ]);
            next++;
            network.Run(Time.Milliseconds(1));
        }
        Assert.InRange(next - first, 2ul, 100ul);
        Assert.Equal((0x1cul, ConnectionIdLimit), (client.Close?.Type, client.Close?.Numbers[0]));
    }

    /// <summary>Each is answered with NEW_CONNECTION_ID.</summary>
    [Fact]
    public void ConnectionIds_ThatAreRetired_AreReplacedAsFarAsTheCongestionWindowGoes()
    {
        var network = Start();
        var client = network.Speak();
        var (given, retired, ids) = (0ul, 0ul, 0);
        client.OnFrame = frame => given = frame.Type == NewConnectionId ? Math.Max(given, frame.Numbers[0]) : given;
        network.Simulation.Add(new Watch(() => ids = Math.Max(ids, network.Node.Ids.IdCount)));
        // The first are in the packets of the handshake.
        given = 1;
        client.Acknowledges = false;
        for (var packet = 0; packet < Packets && client.Close is null; packet++)
        {
            client.Send(retired < given ? QuicFrames.Of(RetireConnectionId, ++retired) : QuicFrames.Of(QuicFrames.Ping));
            network.Run(Time.Milliseconds(5));
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"{given} {retired} {ids} {client.Close?.Numbers[0]}");
        Assert.Null(client.Close);
        Assert.InRange(retired, 2ul, 500ul);
        Assert.InRange(ids, 2, 32);
    }
}
