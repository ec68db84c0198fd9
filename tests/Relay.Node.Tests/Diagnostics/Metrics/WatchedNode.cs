using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Node.Counters;
using Relay.Node.Diagnostics;
using Relay.Node.Tests.Users;
using Relay.Node.Users;
using Relay.Protocol;

namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>A node whose every metric has a value, under a meter of its own name.</summary>
internal sealed class WatchedNode : IDisposable
{
    public WatchedNode()
    {
        Meter = new Meter($"{NodeDiagnostics.MeterName}.{Guid.NewGuid():N}");
        Diagnostics = NodeDiagnostics.Create(Meter, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch);

    public Meter Meter { get; }

    public NodeDiagnostics Diagnostics { get; }

    public FakeRelayView Relay { get; } = new();

    /// <summary>Gives every metric a value; histograms must have somebody who listens.</summary>
    public void Fill()
    {
        Diagnostics.Attach(Relay);
        Diagnostics.IsOpenRelay = true;
        Diagnostics.TlsLibrary = "openssl";
        Diagnostics.PacketProtection = "ipsec-mb";
        Diagnostics.Fleet.DrainPhase = DrainPhase.Lame;
        Diagnostics.Fleet.LeasesWanted = 2;
        Diagnostics.Fleet.SetLeases(1, TimeSpan.FromSeconds(12.5));
        Diagnostics.Fleet.CountReportFailure();
        Diagnostics.Fleet.NoteAnswer();
        Diagnostics.Fleet.Users = Users();
        foreach (var (loop, number) in Relay.LoopCounters.Select(static (loop, number) => (loop, number + 1)))
        {
            loop.ConnectionsActive = 3 * number;
            loop.Established[(int)HttpProtocol.Http3] = 5 * number;
            loop.Tcp.Active = 7 * number;
            loop.Tcp.UpstreamBytes = 1_000_000_007L * number;
            loop.Udp.Outcomes[(int)TunnelOutcome.IdleTimeout] = 11 * number;
            loop.DownstreamDropsTooLarge = 13 * number;
            loop.Usage.AddBusy(1_000_000_000);
            loop.Usage.AddWaited(3_000_000_000);
        }
        Record();
    }

    /// <summary>Two users, of a store that another one would replace.</summary>
    private UserHolder Users()
    {
        var users = UserHolder.Open(
            new("--users-file", Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}")), TimeSpan.FromDays(1), Clock, boot: null,
            static _ => { }, NullLogger.Instance);
        users.Apply(SampleUsers.Whole(17, SampleUsers.User("alice"), SampleUsers.User("bob")));
        users.Apply(SampleUsers.Whole(19) with { Store = SampleUsers.OtherStore });
        return users;
    }

    public void Record()
    {
        foreach (var udp in (bool[])[true, false])
        {
            Diagnostics.Histograms.OnTunnelOpened(udp, 1_000_000);
            Diagnostics.Histograms.OnTunnelOpened(udp, 1_000_001);
            Diagnostics.Histograms.OnTunnelEnded(udp, 90_000_000_000_000);
        }
        Diagnostics.Histograms.OnHandshake(12_000_000);
        Diagnostics.Histograms.OnPath(25_000_000, 14_520);
    }

    public void Dispose() => Diagnostics.Dispose();
}
