using Relay.Native.Http3;
using Relay.Node.Http;

namespace Relay.Node.Http2;

/// <summary>A response's fields as HTTP/2 and HTTP/3 have them: one loop's scratch.</summary>
internal sealed class ResponseFields : IResponseFields
{
    private readonly HeaderBlock _block = new();

    /// <summary>A response's header section; valid until the next.</summary>
    internal HeaderBlock Of(in ResponseHead head)
    {
        _block.Clear();
        _block.Add(":status"u8, head.Status.ToString());
        head.WriteFields(this);
        return _block;
    }

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<byte> name, string value) => _block.Add(name, value);
}
