using Relay.Native.Linux;

namespace Relay.Node.Server;

/// <summary>What carries the packets of a <see cref="ConnectionHost"/>: a socket, or a test's memory.</summary>
internal interface IPacketPort
{
    /// <summary>Where connections write their packets.</summary>
    IPacketSink Outgoing { get; }

    /// <summary>Sends what was written.</summary>
    /// <returns>False when the socket's buffer is full; it goes on when there is room.</returns>
    bool Send();

    /// <summary>Passes on a packet for nobody here to whom its connection ID names.</summary>
    bool TryHandOver(
        ReadOnlySpan<byte> id, in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet);
}
