using Relay.Native.Nghttp3;
using static Relay.Native.Nghttp3.NativeMethods;

namespace Relay.Native.Http3;

/// <content>Faults of a client that nghttp3 does not see, or has another name for.</content>
public abstract unsafe partial class Http3Connection
{
    /// <summary>A field was too large for QPACK's decoder, which ends the connection.</summary>
    protected virtual void OnFieldTooLarge()
    {
    }

    /// <summary>Looks at bytes of a unidirectional stream of the other side before nghttp3 does; valid during the call.</summary>
    /// <returns>The error code (RFC 9114 §8.1) that the connection is to end with; null for none.</returns>
    protected virtual ulong? FindFault(long stream, ReadOnlySpan<byte> data) => null;

    private static bool IsUnidirectional(long stream) => (stream & 2) != 0;

    /// <summary>
    /// A request stream that ends before it began: RFC 9114 §4.1 has "H3_REQUEST_INCOMPLETE" for the stream, where nghttp3
    /// ends the connection.
    /// </summary>
    private bool TryEndEmpty(long stream, bool fin, nuint length)
    {
        if (!fin || length > 0 || !_server || !IsRequest(stream)
            || nghttp3_conn_set_stream_user_data(Http, stream, null) != Nghttp3Constants.NGHTTP3_ERR_STREAM_NOT_FOUND)
            return false;
        Reset(stream, Nghttp3Constants.NGHTTP3_H3_REQUEST_INCOMPLETE);
        return true;
    }

    /// <summary>
    /// A name above 256 bytes or a value above 64 KiB: QPACK's decoder goes no further, so that there is no answer (RFC 9204
    /// §7.4 lets a decoder have limits, RFC 9114 §10.5.1 has 431 for what it could read).
    /// </summary>
    private int FailRead(int error)
    {
        if (error != Nghttp3Constants.NGHTTP3_ERR_QPACK_HEADER_TOO_LARGE)
            return FailHttp(error);
        OnFieldTooLarge();
        return FailCallback(Nghttp3Constants.NGHTTP3_H3_EXCESSIVE_LOAD, error);
    }
}
