using Relay.Node.Targets;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Options;

/// <summary>The values of options that are not given, and the bounds of those that are. Times in seconds.</summary>
internal static class NodeDefaults
{
    /// <summary>The most event loops: the first byte of a connection ID names one.</summary>
    public const int MaxWorkers = 255;

    /// <summary>See <see cref="NodeConfig.MaxConnections"/>.</summary>
    public const int MaxConnections = 65_536;

    /// <summary>See <see cref="NodeConfig.MaxConnectionsPerSource"/>.</summary>
    public const int MaxConnectionsPerSource = 4096;

    /// <summary>See <see cref="NodeConfig.MaxTlsHandshakes"/>.</summary>
    public const int MaxTlsHandshakes = 4096;

    /// <summary>See <see cref="NodeConfig.MaxHeaderBytes"/>.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    /// <summary>The lowest and highest value of <see cref="MaxHeaderBytes"/>.</summary>
    public const int MaxHeaderBytesFloor = 1024;
    public const int MaxHeaderBytesCeiling = 1024 * 1024;

    /// <summary>See <see cref="NodeConfig.MaxHeaderFields"/>.</summary>
    public const int MaxHeaderFields = RequestHeaders.DefaultMaxFields;

    /// <summary>The lowest and highest value of <see cref="MaxHeaderFields"/>.</summary>
    public const int MaxHeaderFieldsFloor = 10;
    public const int MaxHeaderFieldsCeiling = 1000;

    /// <summary>See <see cref="NodeConfig.MaxRequestsPerTurn"/>.</summary>
    public const int MaxRequestsPerTurn = 64;

    /// <summary>See <see cref="NodeConfig.MaxRequestsPerTurnPerConnection"/>.</summary>
    public const int MaxRequestsPerTurnPerConnection = 16;

    /// <summary>See <see cref="NodeConfig.QuicRetryThreshold"/>.</summary>
    public const int QuicRetryThreshold = 1024;

    /// <summary>See <see cref="NodeConfig.MaxUnacknowledgedBytes"/>.</summary>
    public const int MaxUnacknowledgedBytes = 16 * 1024 * 1024;

    /// <summary>The lowest and highest value of <see cref="MaxUnacknowledgedBytes"/>.</summary>
    public const int MaxUnacknowledgedFloor = 1024 * 1024;
    public const int MaxUnacknowledgedCeiling = 1024 * 1024 * 1024;

    /// <summary>See <see cref="NodeConfig.MaxResetsPerSecond"/>.</summary>
    public const int MaxResetsPerSecond = 50;

    /// <summary>See <see cref="NodeConfig.MaxControlFramesPerSecond"/>.</summary>
    public const int MaxControlFramesPerSecond = 100;

    /// <summary>The highest value of both.</summary>
    public const int FramesPerSecondCeiling = 1_000_000;

    /// <summary>See <see cref="NodeConfig.MaxTunnelsPerConnection"/>.</summary>
    public const int MaxTunnelsPerConnection = 4096;

    /// <summary>See <see cref="NodeConfig.MaxTunnels"/>.</summary>
    public const int MaxTunnels = 131_072;

    /// <summary>See <see cref="NodeConfig.MaxLookups"/>.</summary>
    public static int MaxLookups => TargetResolverLimits.Default.LookupsInFlight;

    /// <summary>See <see cref="NodeConfig.MaxLookupsPerSource"/>.</summary>
    public static int MaxLookupsPerSource => TargetResolverLimits.Default.SourceShare;

    /// <summary>The highest value of <see cref="MaxLookups"/>: each has a thread.</summary>
    public const int LookupsCeiling = 4096;

    /// <summary>See <see cref="NodeConfig.MaxUnansweredDatagrams"/>.</summary>
    public static int MaxUnansweredDatagrams => UnansweredTargets.DefaultLimit.Burst;

    /// <summary>See <see cref="NodeConfig.MaxUnansweredDatagramsPerSecond"/>.</summary>
    public static int MaxUnansweredDatagramsPerSecond => UnansweredTargets.DefaultLimit.PerSecond;

    /// <summary>The highest value of both.</summary>
    public const int UnansweredCeiling = 1_000_000;

    /// <summary>The highest value of any limit.</summary>
    public const int LimitCeiling = 16_777_216;

    /// <summary>See <see cref="NodeConfig.HandshakeTimeout"/>.</summary>
    public const int HandshakeTimeout = 10;

    /// <summary>See <see cref="NodeConfig.RequestTimeout"/>.</summary>
    public const int RequestTimeout = 10;

    /// <summary>See <see cref="NodeConfig.ClientIdleTimeout"/>.</summary>
    public const int ClientIdleTimeout = 600;

    /// <summary>See <see cref="NodeConfig.QuicIdleTimeout"/>.</summary>
    public const int QuicIdleTimeout = 30;

    /// <summary>See <see cref="NodeConfig.UdpIdleTimeout"/>; also the lowest value it may have.</summary>
    public const int UdpIdleTimeout = 120;

    /// <summary>See <see cref="NodeConfig.TcpIdleTimeout"/>: never.</summary>
    public const int TcpIdleTimeout = 0;

    /// <summary>See <see cref="NodeConfig.TargetKeepalive"/>.</summary>
    public const int TargetKeepalive = 60;

    /// <summary>The highest value of <see cref="TargetKeepalive"/>: the kernel's (tcp(7)).</summary>
    public const int TargetKeepaliveCeiling = 32_767;

    /// <summary>See <see cref="NodeConfig.ConnectTimeout"/>.</summary>
    public const int ConnectTimeout = 10;

    /// <summary>See <see cref="NodeConfig.UpstreamTimeout"/>.</summary>
    public const int UpstreamTimeout = 30;

    /// <summary>See <see cref="NodeConfig.RelayShutdownDrainTimeout"/>.</summary>
    public const int RelayShutdownDrainTimeout = 10;

    /// <summary>See <see cref="NodeConfig.GracefulShutdownTimeout"/>.</summary>
    public const int GracefulShutdownTimeout = 20;

    /// <summary>See <see cref="FleetConfig.UsersMaxAge"/>: a day.</summary>
    public const int UsersMaxAge = 86_400;

    /// <summary>The lowest value of it: what a fleet may be silent for that is well.</summary>
    public const int UsersMaxAgeFloor = 60;

    /// <summary>The highest value of any timeout: a week.</summary>
    public const int TimeoutCeiling = 604_800;

    /// <summary>One event loop a core.</summary>
    public static int Workers => Math.Clamp(Environment.ProcessorCount, 1, MaxWorkers);
}
