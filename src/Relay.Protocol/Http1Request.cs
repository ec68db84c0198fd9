namespace Relay.Protocol;

/// <summary>
/// A request of HTTP/1.1 in the terms of HTTP/2 and HTTP/3: pseudo-header fields for what is in the request line, in
/// <c>Host</c> and in <c>Upgrade</c> (RFC 9110 §7.8, RFC 9298 §3.2), and no field that is about the connection.
/// </summary>
public static class Http1Request
{
    /// <summary>Gives the fields of a request on, or a fault that only its own terms show.</summary>
    /// <param name="head">A head that is complete, or has failed.</param>
    /// <param name="fields">Takes them.</param>
    /// <returns>
    /// Whether the client asks to change the protocol of the connection: the answer is 101 where it gets it.
    /// </returns>
    public static bool Translate(Http1RequestReader head, IRequestFields fields)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(fields);
        if (head.Fault != RequestFault.None)
        {
            fields.Fail(head.Fault);
            return false;
        }
        var facts = Http1Facts.Of(head);
        var isConnect = head.Method.SequenceEqual("CONNECT"u8);
        // RFC 9298 §3.2: "The method SHALL be GET"; an Upgrade with any other is not followed (RFC 9110 §7.8).
        var protocol = head.Method.SequenceEqual("GET"u8) ? facts.Protocol : default;
        if (FaultOf(facts, isConnect, isTunnel: isConnect || !protocol.IsEmpty) is var fault and not RequestFault.None)
        {
            fields.Fail(fault);
            return false;
        }
        fields.Add(":method"u8, protocol.IsEmpty ? head.Method : "CONNECT"u8);
        if (!protocol.IsEmpty)
            fields.Add(":protocol"u8, protocol);
        if (isConnect)
            fields.Add(":authority"u8, head.Target);
        else if (!AddTarget(head.Target, facts.Host, fields))
            fields.Fail(RequestFault.MalformedMessage);
        for (var i = 0; i < head.FieldCount; i++)
        {
            if (!Http1Facts.IsOwn(head.GetName(i)))
                fields.Add(head.GetName(i), head.GetValue(i));
        }
        return !protocol.IsEmpty;
    }

    private static RequestFault FaultOf(in Http1Facts facts, bool isConnect, bool isTunnel)
    {
        if (!facts.HasValidHost)
            return RequestFault.InvalidAuthority;
        // RFC 9112 §6.1, §6.3: a message with both, or with lengths that differ, is how requests are smuggled; and with
        // neither of them is there content before a tunnel's bytes (RFC 9110 §9.3.6). A length of 0 with CONNECT, which
        // some clients send, says the same as none; with capsules, ConnectRequest refuses it (RFC 9297 §3.2).
        if (!facts.HasValidLength || (facts.HasTransferEncoding && (isTunnel || facts.HasLength || facts.IsOld)))
            return RequestFault.MalformedMessage;
        return isConnect && facts.HasContent ? RequestFault.UnexpectedContent : RequestFault.None;
    }

    /// <summary>RFC 9112 §3.2: a path, a whole URI, whose authority counts then, or the asterisk of OPTIONS.</summary>
    private static bool AddTarget(ReadOnlySpan<byte> target, ReadOnlySpan<byte> host, IRequestFields fields)
    {
        if (target.Contains((byte)'#'))
            return false;
        var scheme = "https"u8;
        var authority = host;
        var path = target;
        if (target[0] != '/' && !target.SequenceEqual("*"u8))
        {
            var colon = target.IndexOf("://"u8);
            if (colon <= 0)
                return false;
            scheme = target[..colon];
            var rest = target[(colon + 3)..];
            var end = rest.IndexOfAny((byte)'/', (byte)'?');
            authority = end < 0 ? rest : rest[..end];
            path = end < 0 ? "/"u8 : rest[end..];
            if (!Http1Facts.IsHost(authority) || authority.IsEmpty)
                return false;
        }
        fields.Add(":scheme"u8, scheme);
        fields.Add(":authority"u8, authority);
        fields.Add(":path"u8, path);
        return true;
    }
}
