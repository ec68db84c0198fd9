using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Interop.Tests.Firefox;

/// <summary>
/// Marionette, Firefox's remote control: JSON messages over TCP, each preceded by its length in bytes and a colon.
/// A command is [0, id, name, parameters] and its answer [1, id, error, result].
/// </summary>
internal sealed class MarionetteClient : IAsyncDisposable
{
    private readonly NetworkStream _stream;
    private int _lastId;

    private MarionetteClient(NetworkStream stream) => _stream = stream;

    public static async Task<MarionetteClient> ConnectAsync(Socket socket, int port)
    {
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        socket.NoDelay = true;
        var client = new MarionetteClient(new NetworkStream(socket, ownsSocket: true));
        var greeting = await client.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, greeting["marionetteProtocol"]!.GetValue<int>());
        return client;
    }

    public async Task<JsonNode?> CallAsync(string command, object parameters, TimeSpan limit)
    {
        using var deadline = Eventually.Deadline(limit);
        try
        {
            var id = ++_lastId;
            await WriteAsync(new object[] { 0, id, command, parameters }, deadline.Token);
            var answer = await ReadAsync(deadline.Token);
            Assert.Equal(id, answer[1]!.GetValue<int>());
            return answer[2] is JsonObject error
                ? throw new MarionetteException(
                    $"{command}: {error["error"]}: {error["message"]}\n{error["stacktrace"]}")
                : answer[3];
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{command} had no answer in {limit}.");
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task WriteAsync(object message, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        var length = Encoding.ASCII.GetBytes(body.Length.ToString() + ":");
        await _stream.WriteAsync((byte[])[.. length, .. body], cancellation);
    }

    private async Task<JsonNode> ReadAsync(CancellationToken cancellation)
    {
        var digit = new byte[1];
        var length = 0;
        while (true)
        {
            await _stream.ReadExactlyAsync(digit, cancellation);
            if (digit[0] == ':')
                break;
            length = checked(length * 10 + (digit[0] - '0'));
        }

        var body = new byte[length];
        await _stream.ReadExactlyAsync(body, cancellation);
        return JsonNode.Parse(body) ?? throw new MarionetteException("An empty message.");
    }
}
