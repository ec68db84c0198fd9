using System.Runtime.InteropServices;

namespace Relay.Native.Nghttp3;

#pragma warning disable IDE1006 // the library's own names

/// <summary>The macros of nghttp3.h that the bindings use, under their own names.</summary>
internal static class Constants
{
    private const string Header = "nghttp3/nghttp3.h";

    [NativeConstant("NGHTTP3_SETTINGS_V1", Header)] internal const int NGHTTP3_SETTINGS_V1 = 1;
    [NativeConstant("NGHTTP3_CALLBACKS_V1", Header)] internal const int NGHTTP3_CALLBACKS_V1 = 1;
    [NativeConstant("NGHTTP3_NV_FLAG_NONE", Header)] internal const byte NGHTTP3_NV_FLAG_NONE = 0;
    [NativeConstant("NGHTTP3_NV_FLAG_NEVER_INDEX", Header)] internal const byte NGHTTP3_NV_FLAG_NEVER_INDEX = 1;
    [NativeConstant("NGHTTP3_DATA_FLAG_EOF", Header)] internal const uint NGHTTP3_DATA_FLAG_EOF = 1;
    [NativeConstant("NGHTTP3_ERR_WOULDBLOCK", Header)] internal const int NGHTTP3_ERR_WOULDBLOCK = -103;
    [NativeConstant("NGHTTP3_ERR_STREAM_NOT_FOUND", Header)] internal const int NGHTTP3_ERR_STREAM_NOT_FOUND = -110;
    [NativeConstant("NGHTTP3_ERR_CONN_CLOSING", Header)] internal const int NGHTTP3_ERR_CONN_CLOSING = -111;
    [NativeConstant("NGHTTP3_ERR_CALLBACK_FAILURE", Header)] internal const int NGHTTP3_ERR_CALLBACK_FAILURE = -902;
}

[NativeStruct("nghttp3_vec", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp3_vec
{
    internal byte* @base;
    internal nuint len;
}

[NativeStruct("nghttp3_nv", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp3_nv
{
    internal byte* name;
    internal byte* value;
    internal nuint namelen;
    internal nuint valuelen;
    internal byte flags;
}

[NativeStruct("nghttp3_data_reader", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp3_data_reader
{
    internal nint read_data;
}

[NativeStruct("nghttp3_settings", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp3_settings
{
    internal ulong max_field_section_size;
    internal nuint qpack_max_dtable_capacity;
    internal nuint qpack_encoder_max_dtable_capacity;
    internal nuint qpack_blocked_streams;
    internal byte enable_connect_protocol;
    internal byte h3_datagram;
}

[NativeStruct("nghttp3_info", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp3_info
{
    internal int age;
    internal int version_num;
    internal byte* version_str;
}

[NativeStruct("nghttp3_callbacks", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp3_callbacks
{
    internal nint acked_stream_data;
    internal nint stream_close;
    internal nint recv_data;
    internal nint deferred_consume;
    internal nint begin_headers;
    internal nint recv_header;
    internal nint end_headers;
    internal nint begin_trailers;
    internal nint recv_trailer;
    internal nint end_trailers;
    internal nint stop_sending;
    internal nint end_stream;
    internal nint reset_stream;
    internal nint shutdown;
    internal nint recv_settings;
}
