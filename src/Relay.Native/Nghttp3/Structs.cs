using System.Runtime.InteropServices;

namespace Relay.Native.Nghttp3;

#pragma warning disable IDE1006 // the library's own names

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

[NativeStruct("nghttp3_settings", "nghttp3/nghttp3.h", GrowsAtEnd = true)]
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

[NativeStruct("nghttp3_callbacks", "nghttp3/nghttp3.h", GrowsAtEnd = true)]
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

[NativeStruct("nghttp3_mem", "nghttp3/nghttp3.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp3_mem
{
    internal void* user_data;
    internal delegate* unmanaged[Cdecl]<nuint, void*, void*> malloc;
    internal delegate* unmanaged[Cdecl]<void*, void*, void> free;
    internal delegate* unmanaged[Cdecl]<nuint, nuint, void*, void*> calloc;
    internal delegate* unmanaged[Cdecl]<void*, nuint, void*, void*> realloc;
}
