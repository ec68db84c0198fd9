using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Interop.Tests.Loopback;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>A TCP tunnel through a node, both of whose ends the test holds.</summary>
internal sealed class HeldTunnel : IAsyncDisposable
{
    private readonly TcpListener _target;
    private readonly ChildProcess _client;
    private readonly TcpClient _near;
    private readonly TcpClient _far;

    private HeldTunnel(TcpListener target, ChildProcess client, TcpClient near, TcpClient far) =>
        (_target, _client, _near, _far) = (target, client, near, far);

    /// <summary>The address that the target sees.</summary>
    public IPAddress Egress => ((IPEndPoint)_far.Client.RemoteEndPoint!).Address;

    /// <summary>Opens one.</summary>
    public static Task<HeldTunnel> OpenAsync(FleetNode node) => OpenAsync(node.Port, node.Id);

    /// <summary>Opens one through the relay on a port.</summary>
    /// <param name="port">The relay's.</param>
    /// <param name="name">What logs call it.</param>
    /// <param name="options">Of relay-load, such as the version of HTTP.</param>
    public static async Task<HeldTunnel> OpenAsync(int port, string name, params string[] options)
    {
        var cancel = TestContext.Current.CancellationToken;
        var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        var (client, listens) = await LoadForwarder.StartAsync(target.LocalEndpoint, port, $"relay-load tcp through {name}", options);
        var near = new TcpClient();
        await near.ConnectAsync(listens, cancel);
        var far = await target.AcceptTcpClientAsync(cancel).AsTask().WaitAsync(Limits.Exchange, cancel);
        var tunnel = new HeldTunnel(target, client, near, far);
        await tunnel.ExchangeAsync();
        return tunnel;
    }

    /// <summary>Sends a byte each way; it must arrive.</summary>
    public async Task ExchangeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var (near, far) = (_near.GetStream(), _far.GetStream());
        foreach (var (from, to) in new[] { (near, far), (far, near) })
        {
            await from.WriteAsync("!"u8.ToArray(), cancel);
            var one = new byte[1];
            await to.ReadExactlyAsync(one, cancel).AsTask().WaitAsync(Limits.Exchange, cancel);
            Assert.Equal((byte)'!', one[0]);
        }
    }

    /// <summary>
    /// The target sends until it is told to end; every byte of it must arrive. A load, and not all that the machine can do: others
    /// are tested beside it.
    /// </summary>
    /// <param name="begun">Set once a good part has arrived.</param>
    /// <param name="enough">Tells the target to end.</param>
    /// <returns>How many bytes.</returns>
    public async Task<long> TransferAsync(TaskCompletionSource begun, Task enough)
    {
        var (sent, received) = (SendAsync(_far.GetStream(), enough), ReceiveAsync(_near.GetStream(), begun));
        await Task.WhenAll(sent, received);
        Assert.Equal(await sent, await received);
        _near.Client.Shutdown(SocketShutdown.Send);
        return (await received).Length;
    }

    /// <summary>Asks for another tunnel on the same connection, which must not reach the target.</summary>
    public async Task OpensNoOtherAsync()
    {
        using var near = new TcpClient();
        await near.ConnectAsync((IPEndPoint)_near.Client.RemoteEndPoint!, TestContext.Current.CancellationToken);
        await _client.Log.WaitForAsync("the relay is going away", Limits.Exchange);
        Assert.False(_target.Pending());
    }

    /// <summary>Waits until both sides have lost it, however they are told.</summary>
    public async Task EndsAsync()
    {
        foreach (var side in (NetworkStream[])[_far.GetStream(), _near.GetStream()])
        {
            try
            {
                Assert.Equal(0, await side.ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask()
                    .WaitAsync(Limits.Exchange));
            }
            catch (IOException)
            {
                // Reset.
            }
        }
    }

    /// <summary>Waits until the relay has reset the target's side.</summary>
    public async Task WaitForResetAsync()
    {
        var read = _far.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        var failure = await Assert.ThrowsAsync<IOException>(() => read.WaitAsync(Limits.Exchange));
        Assert.Equal(SocketError.ConnectionReset, (failure.InnerException as SocketException)?.SocketErrorCode);
    }

    /// <summary>Sends once more, and is told that nobody knows the connection.</summary>
    public async Task LearnsThatItIsLostAsync()
    {
        try
        {
            await _near.GetStream().WriteAsync("!"u8.ToArray(), TestContext.Current.CancellationToken);
        }
        catch (IOException failure)
            when (failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // What it had still to acknowledge, or a PING, has told it before.
        }
        await _client.Log.WaitForAsync("stateless reset", Limits.Exchange);
    }

    /// <summary>Ends it in order.</summary>
    public async Task CloseAsync()
    {
        _near.Dispose();
        _far.Dispose();
        _client.Signal(15);
        await _client.WaitForExitAsync(Limits.Stop);
    }

    public async ValueTask DisposeAsync()
    {
        _near.Dispose();
        _far.Dispose();
        _target.Dispose();
        await _client.DisposeAsync();
    }

    private static async Task<(long Length, string Digest)> SendAsync(NetworkStream stream, Task enough)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (random, block, length) = (new Random(7), new byte[64 * 1024], 0L);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!enough.IsCompleted)
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            random.NextBytes(block);
            digest.AppendData(block);
            await stream.WriteAsync(block, TestContext.Current.CancellationToken);
            length += block.Length;
        }
        stream.Socket.Shutdown(SocketShutdown.Send);
        return (length, Convert.ToHexString(digest.GetHashAndReset()));
    }

    private static async Task<(long Length, string Digest)> ReceiveAsync(NetworkStream stream, TaskCompletionSource begun)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (block, length) = (new byte[64 * 1024], 0L);
        while (await stream.ReadAsync(block, TestContext.Current.CancellationToken) is > 0 and var count)
        {
            digest.AppendData(block.AsSpan(0, count));
            length += count;
            if (length > 4 << 20)
                begun.TrySetResult();
        }
        return (length, Convert.ToHexString(digest.GetHashAndReset()));
    }
}
