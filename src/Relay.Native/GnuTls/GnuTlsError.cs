using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

/// <summary>What GnuTLS says of its error codes.</summary>
internal static unsafe class GnuTlsError
{
    /// <summary>Throws what failed, where something did.</summary>
    /// <exception cref="TlsException">The result is an error.</exception>
    internal static void ThrowIf(string what, int result)
    {
        if (result < 0)
            throw new TlsException($"{what}: {Describe(result)} ({result})");
    }

    /// <summary>An error in words.</summary>
    internal static string Describe(int error) =>
        Marshal.PtrToStringUTF8((nint)NativeMethods.gnutls_strerror(error)) ?? "";
}
