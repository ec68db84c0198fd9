using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <content>Receive windows (RFC 9113 §5.2): what the other side may send is what somebody has taken.</content>
public abstract unsafe partial class Http2Session
{
    /// <summary>
    /// Bytes after which the connection's window is given back. By itself nghttp2 waits for half a window, which streams
    /// whose bytes nobody takes may not leave to the others.
    /// </summary>
    private const int WindowStep = 64 * 1024;

    private int _connectionWindow;
    private long _unconsumed;

    /// <summary>Bytes of bodies that arrived and that nobody has consumed.</summary>
    public long Unconsumed => _unconsumed;

    /// <summary>Raises the receive window of the connection to so many bytes; it never shrinks.</summary>
    public void GrowWindow(int window)
    {
        if (!IsUsable || window <= _connectionWindow)
            return;
        _connectionWindow = window;
        _ = nghttp2_session_set_local_window_size(_native, NGHTTP2_FLAG_NONE, 0, window);
    }

    /// <summary>Bytes of a stream went on to their destination.</summary>
    /// <param name="id">The stream; 0 for one that is closed.</param>
    /// <param name="length">How many.</param>
    internal void Credit(int id, long length)
    {
        _unconsumed -= length;
        if (!IsUsable)
            return;
        _ = id == 0
            ? nghttp2_session_consume_connection(_native, (nuint)length)
            : nghttp2_session_consume(_native, id, (nuint)length);
        CreditConnection();
    }

    internal void SetWindow(int id, int window)
    {
        if (IsUsable)
            _ = nghttp2_session_set_local_window_size(_native, NGHTTP2_FLAG_NONE, id, window);
    }

    /// <summary>What was received and is not given back, but for what somebody still has to take.</summary>
    private void CreditConnection()
    {
        var taken = nghttp2_session_get_effective_recv_data_length(_native) - _unconsumed;
        if (taken >= Math.Min(WindowStep, _connectionWindow / 2))
            _ = nghttp2_submit_window_update(_native, NGHTTP2_FLAG_NONE, 0, (int)taken);
    }
}
