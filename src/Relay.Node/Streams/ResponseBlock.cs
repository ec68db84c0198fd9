using Relay.Native.Http3;
using Relay.Node.Http;

namespace Relay.Node.Streams;

/// <summary>A response's fields as HTTP/2 and HTTP/3 have them: one loop's scratch.</summary>
internal sealed class ResponseBlock : IResponseFields
{
    private readonly HeaderBlock _block = new();

    /// <summary>A response's header section; valid until the next.</summary>
    /// <param name="head">What it says.</param>
    /// <param name="altSvc">Where HTTP/3 is to be had; null where it is spoken, or nothing is said of it.</param>
    internal HeaderBlock Of(in ResponseHead head, string? altSvc = null)
    {
        _block.Clear();
        _block.Add(":status"u8, head.Status.ToString());
        head.WriteFields(this);
        // What is no request to a proxy is not told what else is here.
        if (altSvc is not null && head.ProxyStatus is not null)
            Add("alt-svc"u8, altSvc);
        return _block;
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> name, string value) => _block.Add(name, value);
}
