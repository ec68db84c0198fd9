namespace Relay.Native.Quic;

/// <summary>Which layer ended a connection.</summary>
public enum CloseKind
{
    /// <summary>Not ended.</summary>
    None,

    /// <summary>QUIC's own error (RFC 9000 §20.1); 0x100 and up are TLS alerts.</summary>
    Transport,

    /// <summary>HTTP/3's error (RFC 9114 §8.1), or its ordinary end.</summary>
    Application,

    /// <summary>The idle timeout (RFC 9000 §10.1).</summary>
    Idle,

    /// <summary>The handshake took too long.</summary>
    HandshakeTimeout,

    /// <summary>The other side had forgotten the connection (RFC 9000 §10.3).</summary>
    StatelessReset,

    /// <summary>Dropped without a word, as ngtcp2 asked.</summary>
    Dropped,
}

/// <summary>Why a connection ended.</summary>
/// <param name="Kind">The layer.</param>
/// <param name="Code">The error code of that layer.</param>
/// <param name="LibraryError">ngtcp2's or nghttp3's own error where this side found the fault, else 0.</param>
public readonly record struct CloseReason(CloseKind Kind, ulong Code, int LibraryError);
