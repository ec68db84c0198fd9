using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Relay.Interop.Tests.Curl;
using Relay.Testing.Http2;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// What an operator sets for clients over TCP is what a node that runs holds to: with its own default instead, each of
/// these would see another answer, or an end that comes before another.
/// </summary>
public sealed class OptionTests : IDisposable
{
    private const uint EnhanceYourCalm = 11;

    private readonly TcpListener _target = new(IPAddress.Loopback, 0);

    public OptionTests() => _target.Start();

    public void Dispose() => _target.Dispose();

    [Theory]
    [InlineData("8443")]
    [InlineData("off")]
    public async Task AltSvc_IsWhatTheAnswerNames(string option)
    {
        await using var world = await CurlWorld.StartAsync("--alt-svc", option);
        await using var client = await ConnectAsync(world, "http/1.1");
        await SayAsync(client, $"CONNECT {_target.LocalEndpoint} HTTP/1.1\r\nHost: {_target.LocalEndpoint}\r\n\r\n");
        var head = await ReadHeadAsync(client);
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        string[] expected = option == "off" ? [] : ["Alt-Svc: h3=\":8443\""];
        Assert.Equal(expected, Regex.Matches(head, "(?i)alt-svc:[^\r]*").Select(static match => match.Value));
        await client.DisposeAsync();
        await world.Relay.StopAsync();
    }

    // What is begun first and has its ten seconds by default would end first, if the other had ten too. Where the machine
    // was away for so long, it is tried again.
    [Fact]
    public async Task RequestTimeout_EndsHalfAHead_BeforeAHandshakeThatBeganEarlier()
    {
        await using var world = await CurlWorld.StartAsync("--workers", "1", "--request-timeout-secs", "1");
        await Eventually.HoldsAsync(async () =>
        {
            using var silent = await DialAsync(world);
            try
            {
                await using var client = await ConnectAsync(world, "http/1.1");
                await SayAsync(client, $"CONNECT {_target.LocalEndpoint} HTT");
                Assert.StartsWith("HTTP/1.1 408 ", await ReadHeadAsync(client), StringComparison.Ordinal);
                await using var tls = await ShakeHandsAsync(world, silent);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
        await world.Relay.StopAsync();
    }

    [Fact]
    public async Task HandshakeTimeout_EndsASilentConnection_BeforeARequestThatBeganEarlier()
    {
        await using var world = await CurlWorld.StartAsync("--workers", "1", "--handshake-timeout-secs", "1");
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                await using var client = await ConnectAsync(world, "http/1.1");
                await SayAsync(client, $"CONNECT {_target.LocalEndpoint} HTT");
                using var silent = await DialAsync(world);
                using var deadline = Eventually.Deadline(Limits.Exchange);
                var end = await Assert.ThrowsAsync<SocketException>(
                    async () => await silent.ReceiveAsync(new byte[1], SocketFlags.None, deadline.Token));
                Assert.Equal(SocketError.ConnectionReset, end.SocketErrorCode);
                await SayAsync(client, $"P/1.1\r\nHost: {_target.LocalEndpoint}\r\n\r\n");
                return (await ReadHeadAsync(client)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
            }
            catch (IOException)
            {
                return false;
            }
        });
        await world.Relay.StopAsync();
    }

    // A budget is ten seconds' and one for each stream that there may be: far below what the default allows.
    [Theory]
    [InlineData("--max-control-frames-per-sec", "control_frames")]
    [InlineData("--max-resets-per-sec", "resets")]
    public async Task Flood_BeyondTheOperatorsBound_EndsItsConnection(string option, string reason)
    {
        await using var world = await CurlWorld.StartAsync(option, "1", "--max-tunnels-per-connection", "1");
        await using var client = await ConnectAsync(world, "h2");
        var frames = new List<byte>(Http2Wire.Preface);
        for (var i = 0; reason == "control_frames" && i < 200; i++)
            frames.AddRange(Frames.Write(Frames.Ping, 0, 0, new byte[8]));
        for (var stream = 1; reason == "resets" && stream < 31; stream += 2)
        {
            frames.AddRange(Frames.Request(stream, Frames.ConnectTo($"{_target.LocalEndpoint}")));
            frames.AddRange(Frames.Write(Frames.ResetStream, 0, stream, Frames.Number(8)));
        }
        using var deadline = Eventually.Deadline(Limits.AtOnce);
        await client.WriteAsync(frames.ToArray(), deadline.Token);
        var frame = await Http2Wire.ReadFrameAsync(client, deadline.Token);
        while (frame.Type != Frames.GoAway)
            frame = await Http2Wire.ReadFrameAsync(client, deadline.Token);
        Assert.Equal(EnhanceYourCalm, BinaryPrimitives.ReadUInt32BigEndian(frame.Payload.AsSpan(4)));
        await Eventually.HoldsAsync(async () => await world.MetricAsync(
            $@"relay_http2_floods_total\{{[^}}]*reason=""{reason}""[^}}]*\}}") == 1);
        await world.Relay.StopAsync();
    }

    private static Task<SslStream> ConnectAsync(CurlWorld world, string protocol) =>
        TlsClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, world.Relay.Port), protocol, world.Trust);

    /// <summary>A connection that says nothing.</summary>
    private static async Task<Socket> DialAsync(CurlWorld world)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, world.Relay.Port, TestContext.Current.CancellationToken);
        return socket;
    }

    /// <summary>Shakes hands at last, if the relay still waits for it.</summary>
    private static async Task<SslStream> ShakeHandsAsync(CurlWorld world, Socket silent)
    {
        using var trust = X509CertificateLoader.LoadCertificateFromFile(world.Trust);
        using var deadline = Eventually.Deadline(Limits.Exchange);
        return await TlsClient.ShakeHandsAsync(silent, SslApplicationProtocol.Http11, trust, deadline.Token);
    }

    private static async Task SayAsync(SslStream client, string text)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await client.WriteAsync(Encoding.ASCII.GetBytes(text), deadline.Token);
    }

    private static async Task<string> ReadHeadAsync(SslStream client)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await client.ReadExactlyAsync(one, deadline.Token);
            head.Append((char)one[0]);
        }
        return head.ToString();
    }
}
