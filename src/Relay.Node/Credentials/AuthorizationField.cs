using System.Buffers.Text;
using System.Text;
using Relay.Node.Counters;

namespace Relay.Node.Credentials;

/// <summary>Reads <c>Proxy-Authorization</c> and <c>Authorization</c> (RFC 9110 §11.4).</summary>
internal static class AuthorizationField
{
    /// <summary>The longest credentials of Basic that are looked at, in bytes.</summary>
    public const int MaxPassword = 2048;

    /// <summary>The longest token that is looked at, in bytes: an issuer's has a signature of 342 and what it says.</summary>
    public const int MaxToken = 8192;

    /// <summary>Splits a value into its scheme and the credentials.</summary>
    /// <param name="value">The field's value.</param>
    /// <param name="credentials">A token68 (RFC 9110 §11.2); empty where it is none.</param>
    /// <returns>The scheme, or <see cref="AuthenticationKind.None"/> for any other.</returns>
    public static AuthenticationKind Read(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> credentials)
    {
        credentials = default;
        value = value.Trim(" \t"u8);
        var space = value.IndexOf((byte)' ');
        if (space < 0)
            return AuthenticationKind.None;
        // RFC 9110 §11.1: "It uses a case-insensitive token".
        var scheme = value[..space];
        var kind = Ascii.EqualsIgnoreCase(scheme, "Basic"u8) ? AuthenticationKind.Basic
            : Ascii.EqualsIgnoreCase(scheme, "Bearer"u8) ? AuthenticationKind.Bearer
            : AuthenticationKind.None;
        var rest = value[space..].TrimStart((byte)' ');
        var most = kind switch
        {
            AuthenticationKind.Basic => MaxPassword,
            AuthenticationKind.Bearer => MaxToken,
            _ => 0,
        };
        if (rest.Length <= most && IsToken68(rest))
            credentials = rest;
        return kind;
    }

    /// <summary>Reads the credentials of Basic (RFC 7617 §2): base64 of a name, a colon and a password.</summary>
    /// <param name="credentials">A token68.</param>
    /// <param name="buffer">At least as long; holds the decoded bytes.</param>
    /// <param name="length">The decoded bytes.</param>
    /// <param name="colon">Where the name ends: it cannot contain a colon, and the password can.</param>
    public static bool TryDecodeBasic(ReadOnlySpan<byte> credentials, Span<byte> buffer, out int length, out int colon)
    {
        colon = -1;
        if (Base64.DecodeFromUtf8(
            credentials, buffer, out var consumed, out length) != System.Buffers.OperationStatus.Done
            || consumed != credentials.Length)
            return false;
        colon = buffer[..length].IndexOf((byte)':');
        return colon > 0;
    }

    private static bool IsToken68(ReadOnlySpan<byte> text)
    {
        var body = text.TrimEnd((byte)'=');
        foreach (var value in body)
        {
            if (!char.IsAsciiLetterOrDigit((char)value) && !"-._~+/"u8.Contains(value))
                return false;
        }
        return !body.IsEmpty;
    }
}
