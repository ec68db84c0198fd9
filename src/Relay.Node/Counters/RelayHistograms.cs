using System.Diagnostics.Metrics;

namespace Relay.Node.Counters;

/// <summary>
/// The distributions that loops record: once for a handshake, a tunnel, or a look at a connection, never for a packet.
/// A record neither allocates nor waits; where nobody listens it is a comparison.
/// </summary>
internal sealed class RelayHistograms
{
    private const double Second = 1e9;

    private static readonly KeyValuePair<string, object?> Tcp = new("type", "tcp");
    private static readonly KeyValuePair<string, object?> Udp = new("type", "udp");

    private static readonly double[] SetUpBounds =
        [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly double[] LifetimeBounds = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400];

    private static readonly double[] RttBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1];

    /// <summary>From two full packets to the largest window that QUIC's flow control lets anybody fill.</summary>
    private static readonly double[] WindowBounds =
        [4096, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576, 2_097_152, 4_194_304, 8_388_608,
            16_777_216];

    private readonly Histogram<double>? _handshake;
    private readonly Histogram<double>? _setUp;
    private readonly Histogram<double>? _lifetime;
    private readonly Histogram<double>? _rtt;
    private readonly Histogram<double>? _window;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meter">Theirs; null for none, and then nothing is recorded.</param>
    public RelayHistograms(Meter? meter)
    {
        _handshake = Create(meter, "relay.handshake.duration", "s", SetUpBounds,
            "From a client's first packet to the end of its handshake");
        _setUp = Create(meter, "relay.tunnel.setup.duration", "s", SetUpBounds,
            "From the request to the positive answer");
        _lifetime = Create(meter, "relay.tunnel.duration", "s", LifetimeBounds,
            "From the request to the tunnel's end");
        _rtt = Create(meter, "relay.quic.rtt", "s", RttBounds,
            "Smoothed round-trip time of client connections, sampled while they live and at their end");
        _window = Create(meter, "relay.quic.cwnd", "By", WindowBounds,
            "Congestion window of client connections, sampled while they live and at their end");
    }

    /// <summary>For a node that nobody watches.</summary>
    public static RelayHistograms Off { get; } = new(null);

    /// <summary>A handshake is complete.</summary>
    /// <param name="nanoseconds">Its duration.</param>
    public void OnHandshake(ulong nanoseconds) => _handshake?.Record(nanoseconds / Second);

    /// <summary>A tunnel is open.</summary>
    /// <param name="udp">Its type.</param>
    /// <param name="nanoseconds">Since its request.</param>
    public void OnTunnelOpened(bool udp, ulong nanoseconds) => _setUp?.Record(nanoseconds / Second, udp ? Udp : Tcp);

    /// <param name="udp">Its type.</param>
    /// <param name="nanoseconds">Since its request.</param>
    public void OnTunnelEnded(bool udp, ulong nanoseconds) => _lifetime?.Record(nanoseconds / Second, udp ? Udp : Tcp);

    /// <summary>A connection was looked at.</summary>
    /// <param name="rtt">Its smoothed round-trip time, in nanoseconds.</param>
    /// <param name="window">Its congestion window, in bytes.</param>
    public void OnPath(ulong rtt, ulong window)
    {
        _rtt?.Record(rtt / Second);
        _window?.Record(window);
    }

    private static Histogram<double>? Create(
        Meter? meter, string name, string unit, double[] bounds, string description) =>
        meter?.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = bounds,
        });
}
