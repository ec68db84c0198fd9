using System.Runtime.InteropServices;

namespace Relay.Native.OpenSsl;

/// <summary>What OpenSSL says of its error codes, which wait in a queue of the thread.</summary>
internal static unsafe class OpenSslError
{
    /// <summary>Throws what failed, where something did.</summary>
    /// <exception cref="TlsException">It did.</exception>
    internal static void ThrowUnless(bool succeeded, string what)
    {
        if (succeeded)
            return;
        var error = Take();
        throw new TlsException($"{what}: {Describe(error)} (0x{error:x})");
    }

    /// <summary>The first of the queue, which is empty then; 0 where it was.</summary>
    internal static int Take()
    {
        var error = (int)NativeMethods.ERR_peek_error();
        NativeMethods.ERR_clear_error();
        return error;
    }

    /// <summary>The reason, as OpenSSL numbers it within a part of its own.</summary>
    internal static int Reason(int error) => error & NativeMethods.ERR_REASON_MASK;

    /// <summary>An error in words.</summary>
    internal static string Describe(int error) =>
        Marshal.PtrToStringUTF8((nint)NativeMethods.ERR_reason_error_string((uint)error)) ?? "unknown error";

    /// <summary>An error of libssl by its reason.</summary>
    internal static int OfSsl(int reason) => (NativeMethods.ERR_LIB_SSL << NativeMethods.ERR_LIB_OFFSET) | reason;
}
