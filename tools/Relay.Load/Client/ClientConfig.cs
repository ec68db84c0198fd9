using System.Net;
using System.Security.Cryptography;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>Whom to connect to, and how. Immutable.</summary>
internal sealed record ClientConfig
{
    public required IPEndPoint Relay { get; init; }

    /// <summary>The name that the relay's certificate must have.</summary>
    public required string ServerName { get; init; }

    public required TlsContext Tls { get; init; }

    public HttpProtocol Protocol { get; init; } = HttpProtocol.Http3;

    public ClientProfile Profile { get; init; }

    public Carrier Carrier { get; init; }

    /// <summary>Send datagrams with the request, before its answer.</summary>
    public bool Optimistic { get; init; }

    public uint QuicVersion { get; init; } = 1;

    /// <summary>The largest UDP payload to send, in bytes.</summary>
    public int MaxUdpPayload { get; init; } = 1452;

    /// <summary>The relay's URI template for UDP tunnels, as a path (RFC 9298 §2).</summary>
    public string PathTemplate { get; init; } = "/.well-known/masque/udp/{target_host}/{target_port}/";

    /// <summary>Fields added to every request, names in lower case.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    /// <summary>Whether a connection is one tunnel, and is opened for it.</summary>
    public bool ConnectsForEach => Protocol == HttpProtocol.Http11;

    public string Authority => Relay.Port == 443 ? ServerName : $"{ServerName}:{Relay.Port}";

    /// <summary>
    /// Capsules alone are how curl speaks: it announces no datagrams at all, so that the relay must use capsules, too.
    /// </summary>
    public QuicParameters ToParameters()
    {
        var secret = new byte[32];
        RandomNumberGenerator.Fill(secret);
        var datagrams = Carrier != Carrier.Capsule;
        return new QuicParameters
        {
            AnnounceDatagrams = datagrams,
            MaxDatagramFrame = datagrams ? 65535 : 0,
            MaxUdpPayload = MaxUdpPayload,
            InitialStreamWindow = 2 * 1024 * 1024,
            InitialConnectionWindow = 4 * 1024 * 1024,
            MaxStreamWindow = 16 * 1024 * 1024,
            MaxConnectionWindow = 24 * 1024 * 1024,
            StaticSecret = secret,
        };
    }
}
