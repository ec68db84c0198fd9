namespace Relay.Native.Nghttp2;

/// <summary>The enumerators of nghttp2.h that the bindings use, under their own names.</summary>
[NativeConstants("nghttp2/nghttp2.h")]
internal static class Nghttp2Constants
{
    internal const byte NGHTTP2_FLAG_NONE = 0;
    internal const byte NGHTTP2_FLAG_END_STREAM = 0x01;
    internal const byte NGHTTP2_FLAG_ACK = 0x01;

    internal const byte NGHTTP2_DATA = 0;
    internal const byte NGHTTP2_HEADERS = 0x01;
    internal const byte NGHTTP2_RST_STREAM = 0x03;
    internal const byte NGHTTP2_SETTINGS = 0x04;
    internal const byte NGHTTP2_PING = 0x06;
    internal const byte NGHTTP2_GOAWAY = 0x07;

    internal const int NGHTTP2_HCAT_REQUEST = 0;
    internal const int NGHTTP2_HCAT_HEADERS = 3;

    internal const uint NGHTTP2_DATA_FLAG_EOF = 0x01;

    internal const int NGHTTP2_SETTINGS_ENABLE_PUSH = 0x02;
    internal const int NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS = 0x03;
    internal const int NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE = 0x04;
    internal const int NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE = 0x06;
    internal const int NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL = 0x08;
    internal const int NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES = 0x09;

    internal const uint NGHTTP2_NO_ERROR = 0x00;
    internal const uint NGHTTP2_PROTOCOL_ERROR = 0x01;
    internal const uint NGHTTP2_INTERNAL_ERROR = 0x02;
    internal const uint NGHTTP2_ENHANCE_YOUR_CALM = 0x0b;

    internal const int NGHTTP2_ERR_DEFERRED = -508;
    internal const int NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE = -521;
    internal const int NGHTTP2_ERR_NOMEM = -901;
    internal const int NGHTTP2_ERR_CALLBACK_FAILURE = -902;
    internal const uint NGHTTP2_REFUSED_STREAM = 7;
    internal const int NGHTTP2_ERR_BAD_CLIENT_MAGIC = -903;
    internal const int NGHTTP2_ERR_FLOODED = -904;

    // 1.52 of Debian 12 has it among its security updates, and no header names it there before.
    internal const int NGHTTP2_ERR_TOO_MANY_CONTINUATIONS = -905;

    internal const int NGHTTP2_EXTPRI_DEFAULT_URGENCY = 3;
}
