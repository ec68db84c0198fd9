using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>Says that a payload does not fit.</summary>
internal static class SizeText
{
    public static string TooLarge(UdpTunnelStream tunnel, int size)
    {
        // A capsule takes any: this is of QUIC's datagrams.
        if (tunnel is not { Link: Http3Request { Id: var id }, Client: QuicClientConnection { Http: var http } })
            throw new ArgumentException("Not by QUIC.", nameof(tunnel));
        var room = http.MaxDatagram - HttpDatagram.GetPrefixLength(id, HttpDatagram.UdpPayloadContextId);
        return $"a payload of {size} bytes does not fit a datagram on this path, which takes {room}; "
            + $"the path carries UDP payloads of {http.PathMaximum}";
    }
}
