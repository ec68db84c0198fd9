using System.Text;

namespace Relay.Protocol;

/// <summary>What can be said of a field by its name (RFC 9114 §4.2, §4.3).</summary>
internal static class FieldSyntax
{
    /// <summary>Which of the kept fields a name is, or null.</summary>
    public static RequestField? Classify(ReadOnlySpan<byte> name)
    {
        if (name.StartsWith(":"u8))
            return ClassifyPseudoHeader(name);
        if (name.SequenceEqual("capsule-protocol"u8))
            return RequestField.CapsuleProtocol;
        if (name.SequenceEqual("content-length"u8))
            return RequestField.ContentLength;
        if (name.SequenceEqual("content-type"u8))
            return RequestField.ContentType;
        if (name.SequenceEqual("proxy-authorization"u8))
            return RequestField.ProxyAuthorization;
        if (name.SequenceEqual("authorization"u8))
            return RequestField.Authorization;
        return null;
    }

    /// <summary>Whether a name is a lower-case token, or a colon and one.</summary>
    public static bool IsName(ReadOnlySpan<byte> name)
    {
        // RFC 9114 §4.2: "A request or response containing uppercase characters in field names MUST be treated as
        // malformed."
        var token = name.StartsWith(":"u8) ? name[1..] : name;
        return AsciiText.IsToken(token) && token.IndexOfAnyInRange((byte)'A', (byte)'Z') < 0;
    }

    /// <summary>Whether a field makes an HTTP/3 message malformed since it is about an HTTP/1.1 connection.</summary>
    public static bool IsConnectionSpecific(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // RFC 9114 §4.2: "The only exception to this is the TE header field, which MAY be present in an HTTP/3 request
        // header; when it is, it MUST NOT contain any value other than "trailers"."
        if (name.SequenceEqual("te"u8))
            return !Ascii.EqualsIgnoreCase(AsciiText.TrimWhitespace(value), "trailers"u8);

        return name.SequenceEqual("connection"u8)
            || name.SequenceEqual("keep-alive"u8)
            || name.SequenceEqual("proxy-connection"u8)
            || name.SequenceEqual("transfer-encoding"u8)
            || name.SequenceEqual("upgrade"u8);
    }

    private static RequestField? ClassifyPseudoHeader(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(":method"u8))
            return RequestField.Method;
        if (name.SequenceEqual(":scheme"u8))
            return RequestField.Scheme;
        if (name.SequenceEqual(":authority"u8))
            return RequestField.Authority;
        if (name.SequenceEqual(":path"u8))
            return RequestField.Path;
        if (name.SequenceEqual(":protocol"u8))
            return RequestField.Protocol;
        return null;
    }
}
