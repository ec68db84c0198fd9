using Relay.Native.Quic;

namespace Relay.Node.Http3;

/// <summary>What accepts a connection: how it is reached by packets and turns of writing.</summary>
internal interface IConnectionHost
{
    /// <summary>The connection has something to write.</summary>
    void MarkDirty(RelayConnection connection);

    /// <summary>A connection ID of the relay came into use.</summary>
    void AddId(in ConnectionId id, RelayConnection connection);

    /// <summary>A connection ID of the relay is no longer used.</summary>
    void RemoveId(in ConnectionId id);

    /// <summary>Makes a connection ID that leads packets back to this loop and node.</summary>
    void CreateId(Span<byte> destination);

    /// <summary>A callback threw: a defect of the relay, which costs this one connection.</summary>
    void OnDefect(Exception exception);

    /// <summary>The handshake is complete.</summary>
    void OnEstablished(RelayConnection connection);
}
