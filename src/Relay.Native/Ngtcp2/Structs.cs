using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

#pragma warning disable IDE1006 // the library's own names

[InlineArray(Ngtcp2Constants.NGTCP2_MAX_CIDLEN)]
internal struct CidBytes
{
    private byte _element0;
}

[InlineArray(Ngtcp2Constants.NGTCP2_STATELESS_RESET_TOKENLEN)]
internal struct TokenBytes
{
    private byte _element0;
}

[InlineArray(16)]
internal struct SockaddrIn
{
    private byte _element0;
}

[InlineArray(28)]
internal struct SockaddrIn6
{
    private byte _element0;
}

[NativeStruct("ngtcp2_cid", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_cid
{
    internal nuint datalen;
    internal CidBytes data;
}

[NativeStruct("ngtcp2_vec", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_vec
{
    internal byte* @base;
    internal nuint len;
}

/// <summary>Eight-byte aligned in C, hence the padding.</summary>
[NativeStruct("ngtcp2_pkt_info", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct ngtcp2_pkt_info
{
    internal byte ecn;
}

[NativeStruct("ngtcp2_addr", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_addr
{
    internal void* addr;
    internal uint addrlen;
}

[NativeStruct("ngtcp2_path", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_path
{
    internal ngtcp2_addr local;
    internal ngtcp2_addr remote;
    internal void* user_data;
}

[NativeStruct("ngtcp2_pkt_hd", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_pkt_hd
{
    internal ngtcp2_cid dcid;
    internal ngtcp2_cid scid;
    internal long pkt_num;
    internal byte* token;
    internal nuint tokenlen;
    internal nuint pkt_numlen;
    internal nuint len;
    internal uint version;
    internal byte type;
    internal byte flags;
}

[NativeStruct("ngtcp2_version_cid", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_version_cid
{
    internal uint version;
    internal byte* dcid;
    internal nuint dcidlen;
    internal byte* scid;
    internal nuint scidlen;
}

[NativeStruct("ngtcp2_ccerr", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_ccerr
{
    internal int type;
    internal ulong error_code;
    internal ulong frame_type;
    internal byte* reason;
    internal nuint reasonlen;
}

[NativeStruct("ngtcp2_conn_info", "ngtcp2/ngtcp2.h", GrowsAtEnd = true)]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_conn_info
{
    internal ulong latest_rtt;
    internal ulong min_rtt;
    internal ulong smoothed_rtt;
    internal ulong rttvar;
    internal ulong cwnd;
    internal ulong ssthresh;
    internal ulong bytes_in_flight;
}

[NativeStruct("ngtcp2_info", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_info
{
    internal int age;
    internal int version_num;
    internal byte* version_str;
}

[NativeStruct("ngtcp2_crypto_conn_ref", "ngtcp2/ngtcp2_crypto.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_crypto_conn_ref
{
    internal delegate* unmanaged[Cdecl]<ngtcp2_crypto_conn_ref*, nint> get_conn;
    internal nint user_data;
}

[NativeStruct("ngtcp2_crypto_aead", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_aead
{
    internal nint native_handle;
    internal nuint max_overhead;
}

[NativeStruct("ngtcp2_crypto_md", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_md
{
    internal nint native_handle;
}

[NativeStruct("ngtcp2_crypto_cipher", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_cipher
{
    internal nint native_handle;
}

[NativeStruct("ngtcp2_crypto_aead_ctx", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_aead_ctx
{
    internal nint native_handle;
}

[NativeStruct("ngtcp2_crypto_cipher_ctx", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_cipher_ctx
{
    internal nint native_handle;
}

[NativeStruct("ngtcp2_crypto_ctx", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_crypto_ctx
{
    internal ngtcp2_crypto_aead aead;
    internal ngtcp2_crypto_md md;
    internal ngtcp2_crypto_cipher hp;
    internal ulong max_encryption;
    internal ulong max_decryption_failure;
}

[NativeStruct("ngtcp2_mem", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_mem
{
    internal void* user_data;
    internal delegate* unmanaged[Cdecl]<nuint, void*, void*> malloc;
    internal delegate* unmanaged[Cdecl]<void*, void*, void> free;
    internal delegate* unmanaged[Cdecl]<nuint, nuint, void*, void*> calloc;
    internal delegate* unmanaged[Cdecl]<void*, nuint, void*, void*> realloc;
}
