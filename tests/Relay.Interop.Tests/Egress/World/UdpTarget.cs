using System.Net.Sockets;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>A UDP target that notes from where it hears.</summary>
internal sealed class UdpTarget : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _ended = new();
    private readonly List<IPAddress> _sources = [];
    private Task _echoing = Task.CompletedTask;

    private UdpTarget(Socket socket) => _socket = socket;

    /// <summary>As a client names it.</summary>
    public string Name => _socket.LocalEndPoint!.ToString()!;

    /// <summary>Where datagrams came from, in their order.</summary>
    public IPAddress[] Sources
    {
        get
        {
            lock (_sources)
                return [.. _sources];
        }
    }

    public static UdpTarget Bind(NetworkNamespace network, string address) => new(network.Run(() =>
    {
        var ip = IPAddress.Parse(address);
        var socket = new Socket(ip.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(ip, 0));
        return socket;
    }));

    public static UdpTarget BindEcho(NetworkNamespace network, string address)
    {
        var target = Bind(network, address);
        target._echoing = Task.Run(target.EchoAsync);
        return target;
    }

    public async Task<(byte[] Payload, EndPoint Source)> ReceiveAsync()
    {
        var buffer = new byte[65536];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        deadline.CancelAfter(Limits.Exchange);
        var from = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork
            ? IPAddress.Any
            : IPAddress.IPv6Any, 0);
        var result = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, from, deadline.Token);
        lock (_sources)
            _sources.Add(((IPEndPoint)result.RemoteEndPoint).Address);
        return (buffer[..result.ReceivedBytes], result.RemoteEndPoint);
    }

    public void Send(byte[] payload, EndPoint destination) => _socket.SendTo(payload, destination);

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _echoing;
        _socket.Dispose();
        _ended.Dispose();
    }

    private async Task EchoAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                var (payload, source) = await ReceiveAsync();
                Send(payload, source);
            }
            catch (OperationCanceledException)
            {
                // Silence, or the end.
            }
        }
    }
}
