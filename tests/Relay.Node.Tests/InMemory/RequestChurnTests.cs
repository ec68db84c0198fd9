using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A connection that lives long, whose requests are given up at any stage: the credit for streams, and the connection's
/// window, always come back. One that leaks leaves a client that can ask for nothing more, and knows no reason why.
/// </summary>
public class RequestChurnTests : InMemoryTests
{
    private const int Awaited = 100;

    private static readonly byte[] Connect = RawClient.ConnectHeaders();
    private static readonly byte[] Half = Connect[..3];

    // A field name with a capital letter (RFC 9114 §4.2).
    private static readonly byte[] Malformed = [1, 6, 0, 0, 0x21, (byte)'A', 1, (byte)'b'];

    // A frame of a reserved type (RFC 9114 §7.2.8).
    private static readonly byte[] Grease = [0x21, 2, 1, 1];

    private static readonly byte[] Get =
        [1, 13, 0, 0, 0xc0 | 17, 0xc0 | 23, 0xc0 | 1, 0x50, 6, .. "a.test"u8];

    /// <summary>What a client does with a stream at first, and what a moment later.</summary>
    private static readonly Dictionary<string, (Action<RawClient, long> First, Action<RawClient, long>? Then)> StepsByWay = new()
    {
        ["reset"] = (Reset, null),
        ["stop, reset"] = (StopAndReset, null),
        ["stop; request with its end"] = (Stop, (c, s) => c.Send(s, Connect, fin: true)),
        ["half; reset"] = ((c, s) => c.Send(s, Half), Reset),
        ["half, stop; reset"] = (HalfAndStop, Reset),
        ["grease; request with its end"] = ((c, s) => c.Send(s, Grease), (c, s) => c.Send(s, Connect, fin: true)),
        ["request; reset"] = ((c, s) => c.Send(s, Connect), Reset),
        ["request; stop, reset"] = ((c, s) => c.Send(s, Connect), StopAndReset),
        ["request with its end"] = ((c, s) => c.Send(s, Connect, fin: true), null),
        ["request with its end, stop"] = (RequestAndStop, null),
        ["GET with its end"] = ((c, s) => c.Send(s, Get, fin: true), null),
        ["GET; reset"] = ((c, s) => c.Send(s, Get), Reset),
        ["upload; stop, reset"] = ((c, s) => c.Send(s, [.. Connect, 0, 0x44, 0, .. new byte[1024]]), StopAndReset),
    };

    static RequestChurnTests()
    {
        if (Nghttp3Behaviour.MalformedEndsConnection)
            return;
        StepsByWay["malformed"] = ((c, s) => c.Send(s, Malformed), null);
        StepsByWay["malformed with its end"] = ((c, s) => c.Send(s, Malformed, fin: true), null);
    }

    public static TheoryData<string> Ways => [.. StepsByWay.Keys];

    [Theory]
    [MemberData(nameof(Ways))]
    public void Requests_EndedInOneWay_GiveTheirCreditBack(string way) => Churn(3000, _ => StepsByWay[way]);

    [Fact]
    public void Requests_AHundredThousandEndedInAnyWay_GiveTheirCreditBack()
    {
        var ways = StepsByWay.Values.ToArray();
        Churn(100_000, random => ways[random.Next(ways.Length)]);
    }

    [Theory]
    [Seeds(3)]
    public void Uploads_EndedInAnyWay_GiveTheirWindowBack(int seed)
    {
        var network = Start(new NodeSettings { ResetsPerSecond = 1_000_000 }, seed);
        var random = new Random(seed);
        var client = network.Establish();
        var connector = network.Node.Connector;
        for (var i = 0; i < 1000; i++)
        {
            connector.SetUpTcp = random.Next(3) switch
            {
                0 => static flow => flow.Echo = false,
                1 => static flow => (flow.Reads, flow.KernelBuffer) = (false, 3000),
                _ => static flow => flow.Source = 100_000,
            };
            connector.Failure = random.Next(4) == 0 ? new ConnectFailure(ProxyErrorType.ConnectionRefused) : null;
            connector.Delay = random.Next(2) == 0 ? Time.Milliseconds(random.Next(1, 100)) : 0;
            var streams = network.AskAll(client, 3, _ => random.Next(8) switch
            {
                0 => client.Connect("no-port"),
                1 => client.ConnectUdp(),
                _ => client.Connect(),
            });
            foreach (var stream in streams)
            {
                stream.KeepsBody = false;
                if (random.Next(5) == 0)
                    stream.SendCapsule(new byte[random.Next(60_000)]);
                stream.SendPattern(random.Next(60_000));
                if (random.Next(3) == 0)
                    stream.Finish();
            }
            network.Run(Time.Milliseconds(random.Next(80)));
            foreach (var stream in streams)
                End(stream, random);
            network.Run(Time.Milliseconds(random.Next(80)));
        }
        network.Run(Time.Seconds(100));
        var session = network.Node.Client.Session;
        Assert.Equal((0, 0, 0), (network.Node.Connection.StreamCount, session.DetachedTunnels, session.OpenTunnels));

        // Sixteen uploads that nobody takes are what a new connection has room for; ngtcp2 gives it back in halves.
        (connector.Failure, connector.Delay) = (null, 0);
        connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1);
        var last = network.AskAll(client, 50, _ => client.Connect());
        foreach (var stream in last)
            stream.SendPattern(1_000_000);
        network.Run(Time.Seconds(10));
        Assert.InRange(last.Sum(static stream => stream.PatternSent), 2_500_000, 50_000_000);
    }

    private void Churn(
        int count, Func<Random, (Action<RawClient, long> First, Action<RawClient, long>? Then)> choose)
    {
        var network = Start(
            new NodeSettings
            {
                MaxTunnelsPerConnection = 4096,
                MaxBidirectionalStreams = 4112,
                ResetsPerSecond = 1_000_000,
            });
        var random = new Random(1);
        var client = network.EstablishRaw();
        for (var asked = 0; asked < count;)
        {
            Assert.True(network.Run(() => client.HasStreamCredit), $"No credit after {asked}.");
            var later = new List<(long Stream, Action<RawClient, long> Then)>();
            while (client.TryOpenBidirectional(out var stream))
            {
                asked++;
                var (first, then) = choose(random);
                first(client, stream);
                if (then is not null)
                    later.Add((stream, then));
            }
            network.Run(Time.Milliseconds(random.Next(60)));
            foreach (var (stream, then) in later)
                then(client, stream);
            network.Run(Time.Milliseconds(random.Next(60)));
            Assert.False(client.IsOver);
        }
        network.Run(Time.Seconds(5));
        var connection = network.Node.Connection;
        Assert.Equal((0, 0, 0), (connection.AwaitedRequests, connection.StreamCount, connection.Client.TunnelCount));
        var left = 0;
        for (; client.TryOpenBidirectional(out var stream); left++)
            client.Send(stream, Connect);
        Assert.Equal(Awaited, left);
        Assert.True(network.Run(() => connection.Client.TunnelCount == left && client.HasStreamCredit));
    }

    private static void Reset(RawClient client, long stream) => client.Reset(stream, Http3ErrorCode.RequestCancelled);

    private static void Stop(RawClient client, long stream) => client.Stop(stream, Http3ErrorCode.RequestCancelled);

    private static void StopAndReset(RawClient client, long stream)
    {
        Stop(client, stream);
        Reset(client, stream);
    }

    private static void HalfAndStop(RawClient client, long stream)
    {
        client.Send(stream, Half);
        Stop(client, stream);
    }

    private static void RequestAndStop(RawClient client, long stream)
    {
        client.Send(stream, Connect, fin: true);
        Stop(client, stream);
    }

    private static void End(TestStream stream, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                stream.Reset(Http3ErrorCode.RequestCancelled);
                stream.Stop(Http3ErrorCode.RequestCancelled);
                break;
            case 1:
                stream.Stop(Http3ErrorCode.RequestCancelled);
                stream.Reset(Http3ErrorCode.RequestCancelled);
                break;
            case 2:
                stream.Finish();
                stream.Stop(Http3ErrorCode.NoError);
                break;
            default:
                stream.Stop(Http3ErrorCode.NoError);
                stream.Reset(Http3ErrorCode.NoError);
                break;
        }
    }
}
