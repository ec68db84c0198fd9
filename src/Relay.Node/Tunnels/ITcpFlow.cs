using System.Net;

namespace Relay.Node.Tunnels;

/// <summary>The target's side of a TCP tunnel, and the bytes that wait for it. Belongs to one loop.</summary>
internal interface ITcpFlow
{
    /// <summary>The address that the target sees.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Bytes that wait to be sent; gone with the flow.</summary>
    long Waiting { get; }

    /// <summary>Bytes of the blocks that they are in.</summary>
    long Held { get; }

    /// <summary>Reads what the kernel has.</summary>
    /// <returns>Bytes read; 0 at the end of the target's stream; −EAGAIN for nothing at the moment; −errno.</returns>
    int Receive(Span<byte> destination);

    /// <summary>Says who sends; once, before anything else is done toward the target.</summary>
    /// <param name="sender">Hears of each flush phase that was asked for.</param>
    /// <param name="early">What waits already; the flow's from now on.</param>
    void BeginSending(ITcpSender sender, in ByteQueue early);

    /// <summary>Adds bytes to those that wait, and asks for the flush phase.</summary>
    void Enqueue(ReadOnlySpan<byte> data);

    /// <summary>Writes of the bytes that wait what the kernel takes in one call.</summary>
    /// <param name="limit">As many as may go; <see cref="int.MaxValue"/> for any number.</param>
    /// <returns>Bytes taken; −EAGAIN for none at the moment; −errno.</returns>
    int Send(int limit);

    /// <summary>Asks for <see cref="ITcpSender.OnFlush"/> in this turn's flush phase.</summary>
    void RequestFlush();

    /// <summary>Ends this side's stream (FIN).</summary>
    void ShutdownWrite();

    /// <summary>Closes at once (RST).</summary>
    void Abort();

    /// <summary>Closes in order.</summary>
    void Close();
}

/// <summary>Decides how much of what waits in a TCP flow is sent, and accounts for it.</summary>
internal interface ITcpSender
{
    /// <summary>The flush phase: something waits, or the socket may have room again.</summary>
    void OnFlush();
}
