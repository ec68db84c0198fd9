using Relay.Node.Targets;

namespace Relay.Node.Sessions;

/// <summary>
/// What one client may ask for before it looks like a port scan. A browser opens a few dozen targets for a page and
/// some of them fail; a scanner wants thousands of host and port pairs, most of which fail.
/// </summary>
/// <param name="Failures">Targets that refused, did not answer, were prohibited or do not exist.</param>
/// <param name="Targets">Targets, as pairs of host and port, that were not asked for lately.</param>
/// <param name="Remembered">How many targets are remembered as asked for lately; a power of two.</param>
internal sealed record ScanLimits(RateLimit Failures, RateLimit Targets, int Remembered)
{
    /// <summary>Of one connection: all ports of one host take more than an hour.</summary>
    internal static readonly ScanLimits Connection = new(new RateLimit(64, 1), new RateLimit(512, 16), 128);

    /// <summary>Of one source, an IPv4 address or an IPv6 /64: there may be an office behind it.</summary>
    internal static readonly ScanLimits Source = new(new RateLimit(512, 8), new RateLimit(4096, 128), 1024);

    /// <summary>
    /// Sources that are watched at a time; 4 KiB each. Beyond, new ones are watched by connection only.
    /// </summary>
    internal const int MaxSources = 8192;
}
