using System.Net;
using Relay.Node.Io;

namespace Relay.Node.Tunnels;

/// <summary>
/// The target's side of a UDP tunnel: one connected socket. Received datagrams are looked at, and taken only once they
/// have gone into a packet, so that the kernel's buffer is the queue. Belongs to one loop.
/// </summary>
internal interface IUdpFlow
{
    /// <summary>The address that the target sees.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>The target's address.</summary>
    IPEndPoint RemoteEndPoint { get; }

    /// <summary>The next received datagram, valid until <see cref="Advance"/> or the next call of any flow.</summary>
    /// <returns>False when there is none at the moment; <see cref="IFlowOwner.OnReadable"/> follows.</returns>
    bool TryPeek(out ReadOnlySpan<byte> payload);

    /// <summary>Takes the datagram that <see cref="TryPeek"/> gave.</summary>
    void Advance();

    /// <summary>Sends a datagram with the loop's next flush.</summary>
    void Send(ReadOnlySpan<byte> payload);

    /// <summary>Closes the socket. Datagrams that wait for the flush are still sent.</summary>
    void Close();
}

/// <summary>Hears of a flow's socket.</summary>
internal interface IFlowOwner : ITurnOwner
{
    /// <summary>There may be something to receive.</summary>
    void OnReadable();

    /// <summary>The socket is of no more use.</summary>
    /// <param name="errno">For example ECONNREFUSED after an ICMP port unreachable.</param>
    void OnFailed(int errno);
}
