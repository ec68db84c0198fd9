using System.Buffers;
using Relay.Native.Http2;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>A tunnel's stream of HTTP/2.</summary>
internal sealed class Http2Request(Http2Link session, TunnelStream tunnel) : Http2Stream(session, 0), ITunnelLink
{
    private const int BlockSize = 64 * 1024;

    // What a tunnel gave where a frame, or a window, had less room than it needs: held until it is handed out.
    private byte[]? _block;
    private int _start;
    private int _end;

    /// <inheritdoc/>
    public void Abort(TunnelAbort reason)
    {
        // RFC 9297 §3.3: a capsule that is malformed makes the message so.
        Reset(reason switch
        {
            TunnelAbort.ConnectError => Http2ErrorCode.ConnectError,
            TunnelAbort.DatagramError => Http2ErrorCode.ProtocolError,
            _ => Http2ErrorCode.Cancel,
        });
        tunnel.Client.Loop.MarkDirty(tunnel.Client);
    }

    protected override void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => tunnel.TakeHeader(name, value);

    protected override void OnHeadersComplete() => tunnel.TakeHead();

    protected override void OnBody(ReadOnlySpan<byte> data) => tunnel.TakeBody(data);

    protected override void OnEndOfStream() => tunnel.TakeEnd();

    protected override void OnReset(uint errorCode) => tunnel.TakeReset(errorCode);

    protected override void OnClosed(uint errorCode)
    {
        ReleaseBlock();
        tunnel.TakeClose(errorCode);
    }

    protected override int PullBody(Span<byte> destination)
    {
        if (_block is null)
        {
            if (tunnel.NeededRoom <= destination.Length)
                return tunnel.Pull(destination);
            _block = ArrayPool<byte>.Shared.Rent(BlockSize);
            _start = 0;
            _end = tunnel.Pull(_block.AsSpan(0, BlockSize));
            if (_end <= 0)
            {
                ReleaseBlock();
                return _end;
            }
        }
        var length = Math.Min(destination.Length, _end - _start);
        _block.AsSpan(_start, length).CopyTo(destination);
        _start += length;
        if (_start == _end)
            ReleaseBlock();
        return length;
    }

    private void ReleaseBlock()
    {
        if (_block is not null)
            ArrayPool<byte>.Shared.Return(_block);
        _block = null;
    }
}
