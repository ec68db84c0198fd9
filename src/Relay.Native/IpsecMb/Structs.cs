using System.Runtime.InteropServices;

namespace Relay.Native.IpsecMb;

#pragma warning disable IDE1006 // the library's own names

/// <summary>
/// The manager's function pointers that the bindings call, for the processor that it was set up on. They need nothing else
/// of it: one manager serves all threads. New pointers are added at its end, so that these stay where they are.
/// </summary>
[NativeStruct("IMB_MGR", IpsecMbConstants.Header, GrowsAtEnd = true, Only = [Architecture.X64])]
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct IMB_MGR
{
    [FieldOffset(8)] internal ulong features;

    [FieldOffset(256)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        byte*, gcm_context_data*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> gcm128_enc;

    [FieldOffset(272)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        byte*, gcm_context_data*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> gcm256_enc;

    [FieldOffset(280)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        byte*, gcm_context_data*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> gcm128_dec;

    [FieldOffset(296)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        byte*, gcm_context_data*, byte*, byte*, ulong, byte*, byte*, ulong, byte*, ulong, void> gcm256_dec;

    [FieldOffset(448)] internal delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*, void> gcm128_pre;

    [FieldOffset(464)] internal delegate* unmanaged[Cdecl, SuppressGCTransition]<byte*, byte*, void> gcm256_pre;

    [FieldOffset(920)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        byte*, chacha20_poly1305_context_data*, byte*, byte*, ulong, void> chacha20_poly1305_init;

    [FieldOffset(928)]
    internal delegate* unmanaged[Cdecl]<
        byte*, chacha20_poly1305_context_data*, byte*, byte*, ulong, void> chacha20_poly1305_enc_update;

    [FieldOffset(936)]
    internal delegate* unmanaged[Cdecl]<
        byte*, chacha20_poly1305_context_data*, byte*, byte*, ulong, void> chacha20_poly1305_dec_update;

    [FieldOffset(944)]
    internal delegate* unmanaged[Cdecl, SuppressGCTransition]<
        chacha20_poly1305_context_data*, byte*, ulong, void> chacha20_poly1305_finalize;
}

/// <summary>The library's scratch for one packet.</summary>
[NativeStruct("struct gcm_context_data", IpsecMbConstants.Header, Only = [Architecture.X64])]
[StructLayout(LayoutKind.Explicit, Size = 88)]
internal struct gcm_context_data
{
    [FieldOffset(16)] internal ulong aad_length;
}

/// <summary>The library's scratch for one packet, with the packet's one-time key in it.</summary>
[NativeStruct("struct chacha20_poly1305_context_data", IpsecMbConstants.Header, Only = [Architecture.X64])]
[StructLayout(LayoutKind.Explicit, Size = 192)]
internal struct chacha20_poly1305_context_data
{
    [FieldOffset(24)] internal ulong aad_len;
}
