using System.Diagnostics.Metrics;
using Relay.Node.Counters;
using Relay.Node.Diagnostics.Health;
using Relay.Node.Diagnostics.Metrics;

namespace Relay.Node.Diagnostics;

/// <summary>
/// What a node shows of itself: made before its relay, whose parts fill it, and read by whoever watches.
/// </summary>
internal sealed class NodeDiagnostics : IDisposable
{
    public const string MeterName = "Relay.Node";

    private readonly ReadinessCondition _relay;
    private readonly Meter? _meter;
    private volatile IRelayView? _view;

    private NodeDiagnostics(Meter? meter, TimeProvider clock)
    {
        _meter = meter;
        Histograms = meter is null ? RelayHistograms.Off : new RelayHistograms(meter);
        Fleet = new FleetGauges(clock);
        _relay = Readiness.Register("relay", "the relay is starting");
        Drain = Readiness.Register("drain");
        if (meter is not null)
            NodeInstruments.Create(meter, this, clock);
    }

    /// <summary>For a node that is watched.</summary>
    /// <param name="meter">Its meter; disposed with this.</param>
    /// <param name="clock">The wall clock and the monotonic one.</param>
    public static NodeDiagnostics Create(Meter meter, TimeProvider clock) => new(meter, clock);

    /// <summary>For a node that nobody watches.</summary>
    public static NodeDiagnostics CreateUnwatched() => new(meter: null, TimeProvider.System);

    /// <summary>What loops record.</summary>
    public RelayHistograms Histograms { get; }

    /// <summary>Whether the node wants new clients.</summary>
    public Readiness Readiness { get; } = new();

    /// <summary>Its part in a fleet.</summary>
    public FleetGauges Fleet { get; }

    /// <summary>The condition that no drain is under way.</summary>
    public ReadinessCondition Drain { get; }

    /// <summary>The relay; null until it listens.</summary>
    public IRelayView? View => _view;

    /// <summary>Done before each scrape: what it shows of a fleet in this process has to be asked for.</summary>
    public Func<CancellationToken, Task> BeforeScrape { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Whether anybody who reaches the node can use it.</summary>
    public bool IsOpenRelay { get; set; }

    /// <summary>Whose TLS clients are served with; null until the relay listens.</summary>
    public string? TlsLibrary { get; set; }

    /// <summary>What encrypts QUIC's packets; null until the relay listens.</summary>
    public string? PacketProtection { get; set; }

    /// <summary>The relay listens.</summary>
    public void Attach(IRelayView view)
    {
        _view = view;
        _relay.Meet();
    }

    /// <inheritdoc/>
    public void Dispose() => _meter?.Dispose();
}
