namespace Relay.Native.Ngtcp2;

/// <summary>The macros of ngtcp2.h that the bindings use, under their own names.</summary>
internal static class Ngtcp2Constants
{
    private const string Header = "ngtcp2/ngtcp2.h";

    [NativeConstant("NGTCP2_SETTINGS_V2", Header)] internal const int NGTCP2_SETTINGS_VERSION = 2;
    [NativeConstant("NGTCP2_TRANSPORT_PARAMS_VERSION", Header)] internal const int NGTCP2_TRANSPORT_PARAMS_VERSION = 1;
    [NativeConstant("NGTCP2_CALLBACKS_V1", Header)] internal const int NGTCP2_CALLBACKS_VERSION = 1;
    [NativeConstant("NGTCP2_PKT_INFO_VERSION", Header)] internal const int NGTCP2_PKT_INFO_VERSION = 1;
    [NativeConstant("NGTCP2_CONN_INFO_V1", Header)] internal const int NGTCP2_CONN_INFO_V1 = 1;

    [NativeConstant("NGTCP2_MAX_CIDLEN", Header)] internal const int NGTCP2_MAX_CIDLEN = 20;
    [NativeConstant("NGTCP2_STATELESS_RESET_TOKENLEN", Header)] internal const int NGTCP2_STATELESS_RESET_TOKENLEN = 16;
    [NativeConstant(
        "NGTCP2_MIN_STATELESS_RESET_RANDLEN", Header)]
    internal const int NGTCP2_MIN_STATELESS_RESET_RANDLEN = 5;
    [NativeConstant("NGTCP2_PROTO_VER_V1", Header)] internal const uint NGTCP2_PROTO_VER_V1 = 1;
    [NativeConstant("NGTCP2_PROTO_VER_V2", Header)] internal const uint NGTCP2_PROTO_VER_V2 = 0x6b3343cf;

    [NativeConstant("NGTCP2_STREAM_DATA_FLAG_FIN", Header)] internal const uint NGTCP2_STREAM_DATA_FLAG_FIN = 1;
    [NativeConstant("NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET",
        Header)]
    internal const uint NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET = 1;
    [NativeConstant("NGTCP2_WRITE_STREAM_FLAG_MORE", Header)] internal const uint NGTCP2_WRITE_STREAM_FLAG_MORE = 1;
    [NativeConstant("NGTCP2_WRITE_STREAM_FLAG_FIN", Header)] internal const uint NGTCP2_WRITE_STREAM_FLAG_FIN = 2;
    [NativeConstant("NGTCP2_WRITE_DATAGRAM_FLAG_MORE", Header)] internal const uint NGTCP2_WRITE_DATAGRAM_FLAG_MORE = 1;

    [NativeConstant("NGTCP2_ENCRYPTION_LEVEL_INITIAL", Header)] internal const int NGTCP2_ENCRYPTION_LEVEL_INITIAL = 0;
    [NativeConstant("NGTCP2_ENCRYPTION_LEVEL_1RTT", Header)] internal const int NGTCP2_ENCRYPTION_LEVEL_1RTT = 2;
    [NativeConstant("NGTCP2_TOKEN_TYPE_RETRY", Header)] internal const int NGTCP2_TOKEN_TYPE_RETRY = 1;
    [NativeConstant("NGTCP2_TOKEN_TYPE_NEW_TOKEN", Header)] internal const int NGTCP2_TOKEN_TYPE_NEW_TOKEN = 2;
    [NativeConstant("NGTCP2_CC_ALGO_CUBIC", Header)] internal const int NGTCP2_CC_ALGO_CUBIC = 1;
    [NativeConstant("NGTCP2_CCERR_TYPE_APPLICATION", Header)] internal const int NGTCP2_CCERR_TYPE_APPLICATION = 1;
    [NativeConstant(
        "NGTCP2_PATH_VALIDATION_FLAG_NEW_TOKEN", Header)]
    internal const uint NGTCP2_PATH_VALIDATION_FLAG_NEW_TOKEN = 2;

    [NativeConstant("NGTCP2_ERR_STREAM_ID_BLOCKED", Header)] internal const int NGTCP2_ERR_STREAM_ID_BLOCKED = -206;
    [NativeConstant("NGTCP2_ERR_STREAM_DATA_BLOCKED", Header)] internal const int NGTCP2_ERR_STREAM_DATA_BLOCKED = -208;
    [NativeConstant("NGTCP2_ERR_CRYPTO", Header)] internal const int NGTCP2_ERR_CRYPTO = -213;
    [NativeConstant("NGTCP2_ERR_DECRYPT", Header)] internal const int NGTCP2_ERR_DECRYPT = -218;
    [NativeConstant("NGTCP2_ERR_STREAM_SHUT_WR", Header)] internal const int NGTCP2_ERR_STREAM_SHUT_WR = -219;
    [NativeConstant("NGTCP2_ERR_STREAM_NOT_FOUND", Header)] internal const int NGTCP2_ERR_STREAM_NOT_FOUND = -220;
    [NativeConstant("NGTCP2_ERR_CLOSING", Header)] internal const int NGTCP2_ERR_CLOSING = -223;
    [NativeConstant("NGTCP2_ERR_DRAINING", Header)] internal const int NGTCP2_ERR_DRAINING = -224;
    [NativeConstant("NGTCP2_ERR_WRITE_MORE", Header)] internal const int NGTCP2_ERR_WRITE_MORE = -230;
    [NativeConstant("NGTCP2_ERR_RETRY", Header)] internal const int NGTCP2_ERR_RETRY = -231;
    [NativeConstant("NGTCP2_ERR_DROP_CONN", Header)] internal const int NGTCP2_ERR_DROP_CONN = -232;
    [NativeConstant("NGTCP2_ERR_VERSION_NEGOTIATION", Header)] internal const int NGTCP2_ERR_VERSION_NEGOTIATION = -235;
    [NativeConstant("NGTCP2_ERR_HANDSHAKE_TIMEOUT", Header)] internal const int NGTCP2_ERR_HANDSHAKE_TIMEOUT = -236;
    [NativeConstant("NGTCP2_ERR_IDLE_CLOSE", Header)] internal const int NGTCP2_ERR_IDLE_CLOSE = -238;
    [NativeConstant("NGTCP2_ERR_CALLBACK_FAILURE", Header)] internal const int NGTCP2_ERR_CALLBACK_FAILURE = -502;
}
