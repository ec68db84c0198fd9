using Relay.Native.Linux;

namespace Relay.Node.Streams;

/// <summary>What accepts connections over TCP: gives them their turns.</summary>
internal interface IStreamHost
{
    /// <summary>The connection may have something to read.</summary>
    void RequestRead(StreamConnection connection);

    /// <summary>Whether the turn of reading that it has given has room for more.</summary>
    bool HasTime { get; }

    /// <summary>The connection has something to write, or is over.</summary>
    void RequestWrite(StreamConnection connection);

    /// <summary>Takes over the socket of a connection whose client may still be sending.</summary>
    void Linger(StreamSocket socket);

    /// <summary>The handshake is complete.</summary>
    void OnEstablished(StreamConnection connection);
}
