namespace Relay.Native.Linux;

/// <summary>Where a connection writes its packets: a send batch, or a test's memory.</summary>
public interface IPacketSink
{
    /// <summary>Memory for the next packet. Until <see cref="Commit"/>, the same memory is returned again.</summary>
    /// <param name="size">Bytes wanted.</param>
    /// <returns>At least <paramref name="size"/> bytes, or an empty span when the sink is full.</returns>
    Span<byte> Reserve(int size);

    /// <summary>Takes the packet that was written to the reserved memory.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="remote">Whom to send it to.</param>
    /// <param name="local">The address to send it from.</param>
    /// <param name="ecn">The two ECN bits.</param>
    void Commit(int length, in SocketEndpoint remote, in SocketEndpoint local, byte ecn);

    /// <summary>Ends a run of packets that may be sent as one: the next packet is another connection's.</summary>
    void CloseRun();
}
