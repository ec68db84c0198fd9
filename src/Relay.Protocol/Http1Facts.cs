using System.Text;

namespace Relay.Protocol;

/// <summary>What the fields say that belong to an HTTP/1.1 message and its connection themselves.</summary>
internal readonly ref struct Http1Facts
{
    private readonly int _hosts;

    private Http1Facts(Http1RequestReader head)
    {
        IsOld = head.MinorVersion == 0;
        HasValidLength = true;
        var upgrades = false;
        for (var i = 0; i < head.FieldCount; i++)
        {
            var name = head.GetName(i);
            var value = head.GetValue(i);
            if (name.SequenceEqual("host"u8))
            {
                Host = value;
                _hosts++;
            }
            else if (name.SequenceEqual("connection"u8))
                upgrades |= Contains(value, "upgrade"u8);
            else if (name.SequenceEqual("upgrade"u8))
                Protocol = Choose(Protocol, value);
            else if (name.SequenceEqual("transfer-encoding"u8))
                HasTransferEncoding = true;
            else if (name.SequenceEqual("content-length"u8))
            {
                HasValidLength &= !HasLength && !value.IsEmpty
                    && value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
                HasLength = true;
                HasContent |= value is not [(byte)'0'];
            }
        }
        // RFC 9110 §7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request", and a
        // sender "MUST also send an "Upgrade" connection option".
        if (IsOld || !upgrades)
            Protocol = default;
    }

    /// <summary>Whether the request is one of HTTP/1.0.</summary>
    public bool IsOld { get; }

    /// <summary>The value of <c>Host</c>; empty without.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>
    /// The protocol that the connection is to change to: the relay's own if it is among them, else the first; empty for
    /// none.
    /// </summary>
    public ReadOnlySpan<byte> Protocol { get; }

    public bool HasTransferEncoding { get; }

    public bool HasLength { get; }

    /// <summary>Whether there is no length, or one.</summary>
    public bool HasValidLength { get; }

    /// <summary>Whether a length other than 0 is given.</summary>
    public bool HasContent { get; }

    // RFC 9112 §3.2: "A server MUST respond with a 400 … to any HTTP/1.1 request message that lacks a Host header field
    // and to any request message that contains more than one Host header field line or … an invalid field value."
    public bool HasValidHost => (_hosts == 1 || (_hosts == 0 && IsOld)) && IsHost(Host);

    public static Http1Facts Of(Http1RequestReader head) => new(head);

    /// <summary>Whether a field ends here, and is none of those that every version of HTTP has.</summary>
    public static bool IsOwn(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("host"u8) || name.SequenceEqual("te"u8) || name.SequenceEqual("connection"u8)
        || name.SequenceEqual("keep-alive"u8) || name.SequenceEqual("proxy-connection"u8)
        || name.SequenceEqual("transfer-encoding"u8) || name.SequenceEqual("upgrade"u8);

    /// <summary>
    /// Whether a text may be a host and a port; it may be empty. Narrower than RFC 3986 §3.2.2: no host has a comma, and
    /// a list of two has.
    /// </summary>
    public static bool IsHost(ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (!AsciiText.IsUnreserved(value) && !"%:[]"u8.Contains(value))
                return false;
        }
        return true;
    }

    private static ReadOnlySpan<byte> Choose(ReadOnlySpan<byte> chosen, ReadOnlySpan<byte> list)
    {
        foreach (var range in list.Split((byte)','))
        {
            var protocol = AsciiText.TrimWhitespace(list[range]);
            if (chosen.IsEmpty || Ascii.EqualsIgnoreCase(protocol, ConnectRequest.UdpProtocol))
                chosen = protocol;
        }
        return chosen;
    }

    private static bool Contains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> option)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(AsciiText.TrimWhitespace(list[range]), option))
                return true;
        }
        return false;
    }
}
