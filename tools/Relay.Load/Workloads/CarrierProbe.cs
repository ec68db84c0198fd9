using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>What the relay says over one version of HTTP.</summary>
internal sealed class CarrierProbe(HttpProtocol protocol)
{
    private string? _end;

    public HttpProtocol Protocol => protocol;

    /// <summary>The connection that takes requests; null before there is one.</summary>
    public ClientConnection? Connection { get; private set; }

    /// <summary>Why there is nothing to be had over it; null where there is.</summary>
    public string? Failure { get; private set; }

    /// <summary>Until requests could be sent, in nanoseconds.</summary>
    public ulong ReadyAfter { get; private set; }

    /// <summary>In nanoseconds.</summary>
    public ulong RoundTrip { get; private set; }

    public string TlsVersion { get; private set; } = "";

    /// <summary>Why UDP was not asked for; null where it was.</summary>
    public string? WhyNoUdp { get; private set; }

    /// <summary>What only QUIC has: its version.</summary>
    public uint QuicVersion { get; private set; }

    /// <summary>What only QUIC has: the largest UDP payload that the path is known to carry, in bytes.</summary>
    public int PathMaximum { get; private set; }

    /// <summary>What only QUIC has: the largest HTTP datagram, in bytes.</summary>
    public int MaxDatagram { get; private set; }

    /// <summary>Null where UDP was not asked for, since the relay does not take it.</summary>
    public TunnelStream? Udp { get; set; }

    public TunnelStream? Tcp { get; set; }

    /// <summary>Where else the relay is to be had, as its answers say (RFC 7838); null where they do not.</summary>
    public string? AltSvc => Tcp?.AltSvc ?? Udp?.AltSvc;

    /// <summary>Whether nothing more is to be learned.</summary>
    public bool IsDone => Failure is not null || (Connection is not null && IsAnswered(Udp) && IsAnswered(Tcp));

    /// <summary>Whether a request for UDP is one to the relay, whatever became of it.</summary>
    public bool OffersUdp => Offers(Udp);

    /// <summary>Whether a CONNECT is.</summary>
    public bool OffersTcp => Offers(Tcp);

    public void OnReady(ClientConnection connection)
    {
        Connection = connection;
        ReadyAfter = connection.Loop.Now - connection.StartedAt;
        TlsVersion = connection.TlsVersion;
        WhyNoUdp = connection.WhyNoUdp;
        Measure();
    }

    /// <summary>Takes what is known best while the connection lasts.</summary>
    public void Measure()
    {
        if (IsUnanswered(Udp) && IsUnanswered(Tcp))
            Failure ??= _end;
        if (Connection is not { IsEnded: false })
            return;
        RoundTrip = Connection.RoundTrip;
        if (Connection is QuicClientConnection { Http: var http })
            (QuicVersion, PathMaximum, MaxDatagram) = (http.Version, http.PathMaximum, http.MaxDatagram);
    }

    /// <summary>A connection of it ended, or none came about.</summary>
    public void OnEnded(string reason)
    {
        _end ??= reason;
        // Of HTTP/1.1 each request has a connection of its own, and the other may be answered.
        if (Connection is null || protocol != HttpProtocol.Http11)
            Failure ??= reason;
    }

    private static bool IsAnswered(TunnelStream? tunnel) =>
        tunnel is null or { IsClosed: true } or { IsOpen: true } or { Status: >= 300 };

    private static bool IsUnanswered(TunnelStream? tunnel) => tunnel is { IsClosed: true, Status: 0 };

    // RFC 9209: who refuses as a proxy says so; 407 is the answer to whom the relay does not know.
    private static bool Offers(TunnelStream? tunnel) =>
        tunnel is { IsOpen: true } or { ProxyStatus: not null } or { Status: 407 };
}
