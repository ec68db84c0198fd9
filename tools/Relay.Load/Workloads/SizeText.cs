using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>Says that a payload does not fit.</summary>
internal static class SizeText
{
    public static string TooLarge(UdpTunnelStream tunnel, int size)
    {
        var prefix = HttpDatagram.GetPrefixLength(tunnel.Id, HttpDatagram.UdpPayloadContextId);
        var room = tunnel.Client.MaxDatagram - prefix;
        return $"a payload of {size} bytes does not fit a datagram on this path, which takes {room}; "
            + $"the path carries UDP payloads of {tunnel.Client.PathMaximum}";
    }
}
