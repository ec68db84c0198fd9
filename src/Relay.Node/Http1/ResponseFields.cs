using System.Text;
using Relay.Node.Http;
using Relay.Protocol;

namespace Relay.Node.Http1;

/// <summary>The head of a response as HTTP/1.1 has it (RFC 9112 §4).</summary>
internal sealed class ResponseFields : IResponseFields
{
    private readonly StringBuilder _text = new();

    private ResponseFields()
    {
    }

    /// <summary>The bytes of a head, up to the empty line and with it.</summary>
    /// <param name="head">What it says.</param>
    /// <param name="upgrades">Whether its tunnel was asked for by <c>Upgrade</c>.</param>
    /// <param name="altSvc">Where HTTP/3 is to be had; null to say nothing of it.</param>
    internal static byte[] Of(in ResponseHead head, bool upgrades, string? altSvc)
    {
        var fields = new ResponseFields();
        var status = head.OpensTunnel && upgrades ? 101 : head.Status;
        fields._text.Append($"HTTP/1.1 {status} {ReasonPhrase.Of(status)}\r\n");
        if (status == 101)
        {
            // RFC 9298 §3.3.
            fields.Add("connection"u8, "Upgrade");
            fields.Add("upgrade"u8, ConnectRequest.UdpProtocol);
        }
        else if (!head.OpensTunnel)
        {
            // RFC 9112 §9.3: what follows a request that is refused is never taken for another. After a CONNECT it may be
            // what its sender had from somebody else (RFC 9931).
            fields.Add("content-length"u8, "0");
            fields.Add("connection"u8, "close");
        }
        head.WriteFields(fields);
        // What is no request to a proxy is not told what else is here.
        if (altSvc is not null && head.ProxyStatus is not null)
            fields.Add("alt-svc"u8, altSvc);
        return Encoding.ASCII.GetBytes(fields._text.Append("\r\n").ToString());
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> name, string value)
    {
        // Names ignore case; people and old clients know them like this.
        var capital = true;
        foreach (var letter in name)
        {
            _text.Append(capital ? char.ToUpperInvariant((char)letter) : (char)letter);
            capital = letter == '-';
        }
        _text.Append(": ").Append(value).Append("\r\n");
    }
}
