using System.Net;

namespace Relay.Node.Tunnels;

/// <summary>The target's side of a TCP tunnel. Belongs to one loop.</summary>
internal interface ITcpFlow
{
    /// <summary>The address that the target sees.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Reads what the kernel has.</summary>
    /// <returns>Bytes read; 0 at the end of the target's stream; −EAGAIN for nothing at the moment; −errno.</returns>
    int Receive(Span<byte> destination);

    /// <summary>Writes what the kernel takes.</summary>
    /// <returns>Bytes taken; −EAGAIN for none at the moment; −errno.</returns>
    int Send(ReadOnlySpan<byte> data);

    /// <summary>Writes what the kernel takes of several pieces, one behind the other.</summary>
    /// <returns>As <see cref="Send(ReadOnlySpan{byte})"/>.</returns>
    int Send(ReadOnlySpan<ReadOnlyMemory<byte>> data);

    /// <summary>Asks for <see cref="IFlushable.Flush"/> in this turn's flush phase.</summary>
    void RequestFlush(IFlushable tunnel);

    /// <summary>Ends this side's stream (FIN).</summary>
    void ShutdownWrite();

    /// <summary>Closes at once (RST).</summary>
    void Abort();

    /// <summary>Closes in order.</summary>
    void Close();
}

/// <summary>Has something to do in the loop's flush phase.</summary>
internal interface IFlushable
{
    /// <summary>Sends what waits for the target.</summary>
    void Flush();
}
