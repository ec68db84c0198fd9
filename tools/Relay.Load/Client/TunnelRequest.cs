using Relay.Native.Http3;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>What a tunnel asks for, in the words of every version of HTTP. May be sent any number of times.</summary>
internal sealed class TunnelRequest
{
    private readonly ClientConfig _config;
    private readonly TargetAuthority _target;
    private HeaderBlock? _headers;
    private byte[]? _text;

    private TunnelRequest(ClientConfig config, TargetAuthority target, bool isUdp)
    {
        _config = config;
        _target = target;
        IsUdp = isUdp;
    }

    /// <summary>Whether it is for a UDP tunnel.</summary>
    public bool IsUdp { get; }

    /// <summary>For HTTP/3 and HTTP/2.</summary>
    public HeaderBlock Headers => _headers ??= IsUdp
        ? RequestWriter.ConnectUdp(_config, _target)
        : RequestWriter.Connect(_config, _target);

    /// <summary>For HTTP/1.1: its head, with the empty line behind it.</summary>
    public ReadOnlySpan<byte> Text => _text ??= IsUdp
        ? RequestWriter.UpgradeToUdp(_config, _target)
        : RequestWriter.ConnectByText(_config, _target);

    /// <summary>A UDP tunnel.</summary>
    public static TunnelRequest Udp(ClientConfig config, TargetAuthority target) => new(config, target, isUdp: true);

    /// <summary>A TCP tunnel.</summary>
    public static TunnelRequest Tcp(ClientConfig config, TargetAuthority target) => new(config, target, isUdp: false);
}
