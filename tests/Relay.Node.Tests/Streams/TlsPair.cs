using Relay.Native.Linux;
using Relay.Native.Tls;

namespace Relay.Node.Tests.Streams;

/// <summary>Two ends of TLS over TCP on loopback; both read and write through the same memory, as those of a loop do.</summary>
internal sealed class TlsPair : IDisposable
{
    public TlsPair(
        TlsContext? client = null, TlsContext? server = null, string[]? clientProtocols = null,
        string[]? serverProtocols = null)
    {
        var (outgoing, accepted) = Connect();
        Client = new TlsStream(
            client ?? TestIdentity.Client, outgoing, Buffers, clientProtocols ?? ["h2"], TestIdentity.ServerName);
        Server = new TlsStream(server ?? TestIdentity.Server, accepted, Buffers, serverProtocols ?? ["h2", "http/1.1"]);
    }

    public TlsBuffers Buffers { get; } = new();

    public TlsStream Client { get; }

    public TlsStream Server { get; }

    /// <summary>Two sockets that are connected.</summary>
    public static (StreamSocket Outgoing, StreamSocket Accepted) Connect()
    {
        using var listener = StreamSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var outgoing = StreamSocket.Create(listener.LocalEndPoint);
        _ = outgoing.Connect();
        StreamSocket? accepted;
        while (listener.Accept(out accepted) != 0)
            Thread.Yield();
        return (outgoing, accepted!);
    }

    /// <summary>Goes on with both handshakes until each is complete or has failed.</summary>
    /// <returns>What each ended with.</returns>
    public (int Client, int Server) Handshake()
    {
        var (client, server) = (-Errno.EAGAIN, -Errno.EAGAIN);
        while (client == -Errno.EAGAIN || server == -Errno.EAGAIN)
        {
            if (client == -Errno.EAGAIN)
                client = Step(Client);
            if (server == -Errno.EAGAIN)
                server = Step(Server);
            // One that has failed says nothing more, and the other may wait for it.
            if (client is not (0 or -Errno.EAGAIN))
                Client.Socket.ShutdownWrite();
            if (server is not (0 or -Errno.EAGAIN))
                Server.Socket.ShutdownWrite();
        }
        return (client, server);
    }

    /// <summary>Reads until something other than "not yet" is the answer.</summary>
    public static int Read(TlsStream stream, byte[] buffer)
    {
        int result;
        while ((result = stream.Read(buffer)) == -Errno.EAGAIN)
            Thread.Yield();
        return result;
    }

    public static void Write(TlsStream stream, ReadOnlySpan<byte> data)
    {
        // Not Assert.Equal, which allocates: a test counts what this does.
        if (stream.Write(data) is var result and not 0)
            Assert.Fail($"{result}: {stream.ErrorText}");
        while (stream.Flush() == -Errno.EAGAIN)
            Thread.Yield();
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private static int Step(TlsStream stream)
    {
        var result = stream.Handshake();
        _ = stream.Flush();
        return result;
    }
}
