namespace Relay.Native.Nghttp3;

/// <summary>The macros of nghttp3.h that the bindings use, under their own names.</summary>
internal static class Nghttp3Constants
{
    private const string Header = "nghttp3/nghttp3.h";

    [NativeConstant("NGHTTP3_SETTINGS_V1", Header)] internal const int NGHTTP3_SETTINGS_V1 = 1;
    [NativeConstant("NGHTTP3_CALLBACKS_V1", Header)] internal const int NGHTTP3_CALLBACKS_V1 = 1;
    [NativeConstant("NGHTTP3_NV_FLAG_NONE", Header)] internal const byte NGHTTP3_NV_FLAG_NONE = 0;
    [NativeConstant("NGHTTP3_NV_FLAG_NEVER_INDEX", Header)] internal const byte NGHTTP3_NV_FLAG_NEVER_INDEX = 1;
    [NativeConstant("NGHTTP3_DATA_FLAG_EOF", Header)] internal const uint NGHTTP3_DATA_FLAG_EOF = 1;
    [NativeConstant("NGHTTP3_ERR_WOULDBLOCK", Header)] internal const int NGHTTP3_ERR_WOULDBLOCK = -103;
    [NativeConstant("NGHTTP3_ERR_QPACK_HEADER_TOO_LARGE", Header)] internal const int NGHTTP3_ERR_QPACK_HEADER_TOO_LARGE = -109;
    [NativeConstant("NGHTTP3_ERR_STREAM_NOT_FOUND", Header)] internal const int NGHTTP3_ERR_STREAM_NOT_FOUND = -110;
    [NativeConstant("NGHTTP3_ERR_CONN_CLOSING", Header)] internal const int NGHTTP3_ERR_CONN_CLOSING = -111;
    [NativeConstant("NGHTTP3_ERR_CALLBACK_FAILURE", Header)] internal const int NGHTTP3_ERR_CALLBACK_FAILURE = -902;
    [NativeConstant("NGHTTP3_H3_NO_ERROR", Header)] internal const ulong NGHTTP3_H3_NO_ERROR = 0x100;
    [NativeConstant("NGHTTP3_H3_EXCESSIVE_LOAD", Header)] internal const ulong NGHTTP3_H3_EXCESSIVE_LOAD = 0x107;
    [NativeConstant("NGHTTP3_H3_REQUEST_INCOMPLETE", Header)] internal const ulong NGHTTP3_H3_REQUEST_INCOMPLETE = 0x10d;
}
