using System.Runtime.CompilerServices;
using Relay.Native.Ngtcp2;
using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>What one key of a connection may be used for (RFC 9001 §6.6), by ngtcp2's own count, on either side.</summary>
internal static unsafe class KeyLimits
{
    /// <summary>The packets that it may encrypt, and those that may fail to decrypt by it and its successors.</summary>
    public static (ulong Packets, ulong Failures) Of(QuicConnection connection)
    {
        var context = Context(connection);
        return (context->max_encryption, context->max_decryption_failure);
    }

    /// <summary>Lowers both.</summary>
    public static void Lower(QuicConnection connection, ulong packets, ulong failures)
    {
        var context = Context(connection);
        (context->max_encryption, context->max_decryption_failure) = (packets, failures);
    }

    private static ngtcp2_crypto_ctx* Context(QuicConnection connection) =>
        NativeMethods.ngtcp2_conn_get_crypto_ctx(HandleOf(connection));

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Native")]
    private static extern nint HandleOf(QuicConnection connection);
}
