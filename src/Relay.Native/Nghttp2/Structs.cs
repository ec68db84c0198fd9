using System.Runtime.InteropServices;

namespace Relay.Native.Nghttp2;

#pragma warning disable IDE1006 // the library's own names

[NativeStruct("nghttp2_info", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp2_info
{
    internal int age;
    internal int version_num;
    internal byte* version_str;
    internal byte* proto_str;
}

[NativeStruct("nghttp2_nv", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp2_nv
{
    internal byte* name;
    internal byte* value;
    internal nuint namelen;
    internal nuint valuelen;
    internal byte flags;
}

[NativeStruct("nghttp2_settings_entry", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_settings_entry
{
    internal int settings_id;
    internal uint value;
}

[NativeStruct("nghttp2_data_provider", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_data_provider
{
    internal nint source;
    internal nint read_callback;
}

[NativeStruct("nghttp2_extpri", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_extpri
{
    internal uint urgency;
    internal int inc;
}

[NativeStruct("nghttp2_priority_spec", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_priority_spec
{
    internal int stream_id;
    internal int weight;
    internal byte exclusive;
}

[NativeStruct("nghttp2_frame_hd", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_frame_hd
{
    internal nuint length;
    internal int stream_id;
    internal byte type;
    internal byte flags;
    internal byte reserved;
}

[NativeStruct("nghttp2_headers", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp2_headers
{
    internal nghttp2_frame_hd hd;
    internal nuint padlen;
    internal nghttp2_priority_spec pri_spec;
    internal nghttp2_nv* nva;
    internal nuint nvlen;
    internal int cat;
}

[NativeStruct("nghttp2_rst_stream", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct nghttp2_rst_stream
{
    internal nghttp2_frame_hd hd;
    internal uint error_code;
}

[NativeStruct("nghttp2_goaway", "nghttp2/nghttp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct nghttp2_goaway
{
    internal nghttp2_frame_hd hd;
    internal int last_stream_id;
    internal uint error_code;
    internal byte* opaque_data;
    internal nuint opaque_data_len;
    internal byte reserved;
}
