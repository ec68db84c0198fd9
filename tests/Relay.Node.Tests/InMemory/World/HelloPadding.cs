using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>
/// Makes a client's ClientHello longer, by an extension of GnuTLS that nobody knows: as long as that of a browser with keys
/// of ML-KEM, or longer.
/// </summary>
internal static unsafe class HelloPadding
{
    private const string Library = "libgnutls.so.30";
    private const int Extension = 0xfa00;
    private const int ParseAsTls = 2; // GNUTLS_EXT_TLS
    private const uint InClientHello = 1 << 1 | 1 << 7; // GNUTLS_EXT_FLAG_CLIENT_HELLO, GNUTLS_EXT_FLAG_TLS

    private static readonly ConcurrentDictionary<nint, int> Lengths = new();

    /// <summary>To be called before the session says anything.</summary>
    public static void Add(nint session, int bytes)
    {
        Lengths[session] = bytes;
        fixed (byte* name = "length\0"u8)
            Assert.Equal(0, gnutls_session_ext_register(
                session, name, Extension, ParseAsTls, &Receive, &Send, 0, 0, 0, InClientHello));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Receive(nint session, byte* data, nuint length) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Send(nint session, nint buffer)
    {
        var bytes = new byte[Lengths[session]];
        fixed (byte* data = bytes)
            return gnutls_buffer_append_data(buffer, data, (nuint)bytes.Length) < 0 ? -1 : bytes.Length;
    }

    [DllImport(Library)]
    private static extern int gnutls_session_ext_register(
        nint session, byte* name, int type, int parse_point,
        delegate* unmanaged[Cdecl]<nint, byte*, nuint, int> recv_func,
        delegate* unmanaged[Cdecl]<nint, nint, int> send_func, nint deinit_func, nint pack_func, nint unpack_func,
        uint flags);

    [DllImport(Library)]
    private static extern int gnutls_buffer_append_data(nint buffer, byte* data, nuint size);
}
