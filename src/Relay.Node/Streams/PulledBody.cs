using Relay.Node.Http;
using Relay.Node.Tunnels;

namespace Relay.Node.Streams;

/// <summary>
/// Body bytes of one request, in pieces of any size: a datagram's capsule may be longer than a piece, and a tunnel gives
/// it whole or not at all. One that does not fit is pulled into a block, which is held only until it is handed out.
/// Belongs to one loop.
/// </summary>
internal sealed class PulledBody
{
    private byte[]? _block;
    private int _start;
    private int _end;

    /// <summary>Whether bytes are left that were pulled and not handed out.</summary>
    internal bool HasRest => _block is not null;

    /// <inheritdoc cref="ClientRequest.PullBody"/>
    internal int Pull(ClientRequest request, Span<byte> destination)
    {
        if (_block is null)
        {
            var needed = request.NeededRoom;
            if (needed <= destination.Length)
                return request.PullBody(destination);
            // As little as there must be: a client whose windows are full may have many tunnels.
            var block = UpstreamBlocks.RentFor(needed);
            var end = request.PullBody(block);
            if (end <= 0)
            {
                UpstreamBlocks.Return(block);
                return end;
            }
            // Not before: what was in the block may be another client's.
            (_block, _start, _end) = (block, 0, end);
        }
        var length = Math.Min(destination.Length, _end - _start);
        _block.AsSpan(_start, length).CopyTo(destination);
        _start += length;
        if (_start == _end)
            Release();
        return length;
    }

    /// <summary>Forgets what is left.</summary>
    internal void Release()
    {
        if (_block is not null)
            UpstreamBlocks.Return(_block);
        _block = null;
    }
}
