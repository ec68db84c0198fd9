using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Streams;

/// <summary>
/// A version of HTTP over a byte stream: what it makes of the bytes between a client and the relay, and what it puts
/// into them for requests. It touches neither a socket nor TLS, so that tests run it in memory. Belongs to one loop.
/// </summary>
/// <param name="client">The connection as sessions, limits and drains see it.</param>
/// <param name="stream">The way of its bytes.</param>
internal abstract class StreamProtocol(ClientConnection client, IByteStream stream) : IDisposable
{
    /// <summary>
    /// The largest piece that <see cref="Write"/> is asked for and <see cref="Receive"/> gets, in bytes: one TLS record.
    /// </summary>
    internal const int MaxPiece = 16 * 1024;

    /// <summary>The connection as sessions, limits and drains see it.</summary>
    internal ClientConnection Client { get; } = client;

    /// <summary>The way of its bytes.</summary>
    internal IByteStream Stream { get; } = stream;

    /// <summary>The version.</summary>
    internal abstract HttpProtocol Version { get; }

    /// <summary>See <see cref="IConnectionCarrier.StreamCount"/>.</summary>
    internal abstract int StreamCount { get; }

    /// <summary>Bytes that the client has sent and that nobody has taken.</summary>
    internal abstract long Unconsumed { get; }

    /// <summary>
    /// Whether it takes bytes at the moment. Where not, they stay in the kernel, which stops the client in the end.
    /// </summary>
    internal abstract bool TakesBytes { get; }

    /// <summary>
    /// Whether it gives windows, which bound what its client may send; what ends a stream, or makes room for a download, is among that.
    /// </summary>
    internal virtual bool HasWindows => false;

    /// <summary>
    /// Whether it will never write again, once <see cref="Write"/> has nothing left: the client is told so, and may go
    /// on to send.
    /// </summary>
    internal abstract bool HasEnded { get; }

    /// <summary>
    /// Whether nothing that comes is of interest any more: the connection ends in order once <see cref="Write"/> has
    /// nothing left.
    /// </summary>
    internal abstract bool IsOver { get; }

    /// <summary>
    /// Whether the client's end, with a notice of TLS or without, is that of all its requests: then nothing is said to it
    /// any more, and its frames say what was whole.
    /// </summary>
    internal abstract bool EndsWithClient { get; }

    /// <summary>Whether either side told the other of an error of the connection; its code is in the facts.</summary>
    internal abstract bool HasFailed { get; }

    /// <summary>Why it is over, as far as the protocol knows; null where it does not.</summary>
    internal abstract CloseFacts? Facts { get; }

    /// <summary>Bytes arrived, at most <see cref="MaxPiece"/>; valid during the call.</summary>
    internal abstract void Receive(ReadOnlySpan<byte> data);

    /// <summary>The client will send no more, and said so (close_notify).</summary>
    internal abstract void ReceiveEnd();

    /// <summary>Gives bytes to send.</summary>
    /// <param name="destination">At least <see cref="MaxPiece"/> bytes.</param>
    /// <returns>Bytes written; 0 for none at the moment, and <see cref="IByteStream.RequestWrite"/> follows.</returns>
    internal abstract int Write(Span<byte> destination);

    /// <summary>
    /// The connection is gone, or ended: streams that are left are closed; all of them before
    /// <see cref="Dispose"/>. Nothing can be said any more.
    /// </summary>
    /// <param name="most">How many at most.</param>
    internal abstract void Lose(int most);

    // A version that has no word for one of these three leaves it: TCP asks for life by itself, a connection without a
    // request ends, and a request is refused as every tunnel is while the node drains.
    /// <inheritdoc cref="IConnectionCarrier.AskForLife"/>
    internal virtual void AskForLife(ulong after)
    {
    }

    /// <inheritdoc cref="IConnectionCarrier.AnnounceShutdown"/>
    internal virtual void AnnounceShutdown()
    {
    }

    /// <inheritdoc cref="IConnectionCarrier.RefuseRequests"/>
    internal virtual void RefuseRequests()
    {
    }

    /// <inheritdoc cref="IConnectionCarrier.Shutdown"/>
    internal abstract void Shutdown();

    /// <inheritdoc cref="IConnectionCarrier.RefuseLoad"/>
    internal abstract void RefuseLoad();

    /// <inheritdoc cref="IConnectionCarrier.ResetLateRequests"/>
    internal abstract ulong ResetLateRequests(ulong openedBy, out int reset);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
