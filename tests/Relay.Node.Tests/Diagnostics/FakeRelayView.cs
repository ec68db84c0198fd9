using Relay.Node.Counters;
using Relay.Node.Diagnostics;

namespace Relay.Node.Tests.Diagnostics;

/// <summary>A relay of two loops, as far as it can be seen.</summary>
internal sealed class FakeRelayView : IRelayView
{
    public IReadOnlyList<LoopCounters> LoopCounters { get; } = [new(), new()];

    public IReadOnlyList<TimeSpan> HeartbeatAges { get; set; } = [TimeSpan.Zero, TimeSpan.FromSeconds(1)];

    public long TargetSocketsRefused => 0;

    public DateTimeOffset? CertificateExpires { get; set; } = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(30);
}
