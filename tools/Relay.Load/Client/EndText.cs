using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>Says in words why a connection or a stream ended.</summary>
internal static class EndText
{
    public static string Describe(QuicClientConnection connection)
    {
        if (connection.SocketError != 0)
            return $"the relay is not reachable: {Errno.Describe(connection.SocketError)}";
        var reason = connection.Http.CloseReason;
        var text = reason.Kind switch
        {
            CloseKind.None => "closed by this side",
            CloseKind.Application => $"{Closer(connection)} closed the connection with {Http3Error(reason.Code)}",
            CloseKind.Transport => $"{Closer(connection)} closed the connection with {TransportError(reason.Code)}",
            CloseKind.Idle => "idle timeout",
            CloseKind.HandshakeTimeout => "no handshake in time",
            CloseKind.StatelessReset => "stateless reset: the relay does not know the connection",
            _ => "dropped",
        };
        if (connection.Http.State == QuicState.Closing && reason.LibraryError != 0)
            text += $", library error {reason.LibraryError}";
        if (connection.Http.CallbackException is { } exception)
            text += $": {exception.GetType().Name}: {exception.Message}";
        return connection.HandshakeDone ? text : $"handshake failed: {text}";
    }

    public static string Http3Error(ulong code)
    {
        var name = Name(typeof(Http3ErrorCode), code);
        if (name is null)
            return $"HTTP/3 error 0x{code:x}";
        return name.StartsWith("QPACK", StringComparison.Ordinal) ? name : $"H3_{name}";
    }

    public static string Http2Error(uint code) => Name(typeof(Http2ErrorCode), code) ?? $"HTTP/2 error 0x{code:x}";

    /// <summary>Why TLS over TCP failed.</summary>
    public static string Tls(TlsStream tls) => tls.Alert is { } alert
        ? $"the relay closed the connection with TLS alert {alert}{AlertHint((ulong)alert)}"
        : tls.ErrorText;

    private static string Closer(QuicClientConnection connection) =>
        connection.Http.State == QuicState.Draining ? "the relay" : "this side";

    private static string TransportError(ulong code) => code is >= 0x100 and < 0x200
        ? $"TLS alert {code - 0x100}{AlertHint(code - 0x100)}"
        : Name(typeof(QuicTransportError), code) ?? $"QUIC error 0x{code:x}";

    private static string AlertHint(ulong alert) => alert switch
    {
        40 => " (handshake_failure)",
        42 or 43 or 44 or 45 or 46 => " (the certificate was not accepted)",
        48 => " (unknown_ca: the certificate is not signed by a trusted authority)",
        112 => " (unrecognized_name)",
        120 => " (no_application_protocol: the server does not speak this version of HTTP)",
        _ => "",
    };

    /// <summary>The RFC's spelling of a constant's name: ConnectError is CONNECT_ERROR.</summary>
    private static string? Name(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type type, ulong code)
    {
        var field = type.GetFields(BindingFlags.Public | BindingFlags.Static)
            .FirstOrDefault(field => field.IsLiteral && Convert.ToUInt64(field.GetRawConstantValue()) == code);
        return field is null ? null : string.Concat(field.Name.Select((letter, index) =>
            index > 0 && char.IsUpper(letter) ? $"_{letter}" : char.ToUpperInvariant(letter).ToString()));
    }
}
