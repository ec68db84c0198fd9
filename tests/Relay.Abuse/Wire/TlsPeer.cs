using System.Net.Security;

namespace Relay.Abuse.Wire;

/// <summary>A client over TCP and TLS that says any bytes, and waits for nothing.</summary>
internal sealed class TlsPeer : IDisposable
{
    private const int Patience = 500;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly Socket _socket;
    private readonly SslStream _tls;

    private TlsPeer(Socket socket)
    {
        _socket = socket;
        _tls = new SslStream(
            new NetworkStream(socket, ownsSocket: true) { ReadTimeout = Patience, WriteTimeout = Patience },
            leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
    }

    /// <summary>Whether the relay has ended it, or takes no more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Connects, without a byte of TLS.</summary>
    /// <returns>Null where the relay does not take it.</returns>
    public static Socket? Connect(IPEndPoint relay, IPAddress from)
    {
        Loopback.Require(relay.Address);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            socket.Connect(relay);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <summary>Connects and shakes hands.</summary>
    /// <returns>Null where the relay does not take it.</returns>
    public static TlsPeer? Connect(IPEndPoint relay, IPAddress from, string protocol)
    {
        if (Connect(relay, from) is not { } socket)
            return null;
        var peer = new TlsPeer(socket);
        try
        {
            peer._tls.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [new SslApplicationProtocol(protocol)],
            });
            return peer;
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            peer.Dispose();
            return null;
        }
    }

    /// <summary>Says so much, if the relay takes it soon.</summary>
    public bool Send(ReadOnlySpan<byte> bytes)
    {
        if (IsOver)
            return false;
        try
        {
            _tls.Write(bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            IsOver = true;
            return false;
        }
    }

    /// <summary>Takes what has come, and forgets it; its end is noted.</summary>
    public void Drain()
    {
        try
        {
            while (!IsOver && _socket.Available > 0)
                IsOver |= _tls.Read(_buffer) == 0;
            IsOver |= _socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SocketException)
        {
            IsOver = true;
        }
    }

    public void Dispose()
    {
        // Without TLS's farewell, for which it would wait.
        _socket.Dispose();
        _tls.Dispose();
    }
}
