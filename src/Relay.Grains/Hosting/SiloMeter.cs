using System.Collections.Frozen;
using System.Diagnostics.Metrics;

namespace Relay.Grains.Hosting;

/// <summary>
/// What a coordinator's silo measures of itself: calls of its grains, what is asked of Redis, and the members that it sees. Labels
/// are of fixed sets. Where nobody listens a measurement is a comparison.
/// </summary>
internal sealed class SiloMeter : IDisposable
{
    private static readonly InstrumentAdvice<double> Bounds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 8],
    };

    private static readonly KeyValuePair<string, object?> OtherInterface = new("interface", "other");

    private static readonly FrozenDictionary<Type, KeyValuePair<string, object?>> Interfaces = typeof(SiloMeter).Assembly.GetTypes()
        .Where(static type => type.IsInterface && type.IsAssignableTo(typeof(IGrain)))
        .ToFrozenDictionary(static type => type, static type => new KeyValuePair<string, object?>("interface", type.Name));

    private static readonly (string Name, SiloStatus[] Statuses)[] MemberStates =
    [
        ("joining", [SiloStatus.Created, SiloStatus.Joining]), ("active", [SiloStatus.Active]),
        ("leaving", [SiloStatus.ShuttingDown, SiloStatus.Stopping]), ("dead", [SiloStatus.Dead]),
    ];

    private readonly Meter _meter = new($"Relay.Fleet.Silo.{Guid.NewGuid():N}");
    private readonly Histogram<double> _calls;
    private readonly Counter<long> _callErrors;
    private readonly Histogram<double> _redis;
    private readonly Counter<long> _redisErrors;

    /// <summary>Creates the instruments.</summary>
    internal SiloMeter()
    {
        _calls = _meter.CreateHistogram(
            "relay.grain.call.duration", "s", "Calls of grains of this coordinator, until they are answered", advice: Bounds);
        _callErrors = _meter.CreateCounter<long>("relay.grain.call.errors", "{call}", "Those that ended with an exception");
        _redis = _meter.CreateHistogram(
            "relay.redis.duration", "s", "What grains ask of Redis, until it is answered", advice: Bounds);
        _redisErrors = _meter.CreateCounter<long>("relay.redis.errors", "{request}", "Those that Redis did not answer well");
    }

    /// <summary>The meter's name: of this object alone, since exporters know meters by their names.</summary>
    internal string Name => _meter.Name;

    /// <summary>Whether anybody listens to calls.</summary>
    internal bool MeasuresCalls => _calls.Enabled || _callErrors.Enabled;

    /// <summary>Begins to show what changes by itself.</summary>
    /// <param name="members">The members' states, as the silo of this process sees them; null while there is none.</param>
    /// <param name="isRedisUp">Whether Redis is reached; null where there is none.</param>
    internal void Watch(Func<IEnumerable<SiloStatus>?> members, Func<bool?> isRedisUp)
    {
        _meter.CreateObservableGauge("relay.cluster.members", () => members() is not { } all ? [] : Count([.. all]),
            "{coordinator}", "Members of the cluster as this coordinator sees them, by state");
        _meter.CreateObservableGauge("relay.redis.up",
            () => isRedisUp() is { } isUp ? (Measurement<int>[])[new Measurement<int>(isUp ? 1 : 0)] : [],
            "{state}", "1 where this coordinator reaches the primary of Redis, and it answers");
    }

    /// <summary>Begins to show when the certificate that other silos are shown runs out.</summary>
    /// <param name="left">The time until then.</param>
    internal void WatchCertificate(Func<TimeSpan> left) => _meter.CreateObservableGauge(
        "relay.silo.certificate.expires", () => left().TotalSeconds, "s", "Time until the certificate that other silos are shown runs out");

    /// <summary>A call was answered, or failed.</summary>
    /// <param name="grain">The interface that was called.</param>
    /// <param name="time">How long it took.</param>
    /// <param name="isError">Whether it ended with an exception.</param>
    internal void OnCall(Type grain, TimeSpan time, bool isError)
    {
        var label = Interfaces.GetValueOrDefault(grain, OtherInterface);
        _calls.Record(time.TotalSeconds, label);
        if (isError)
            _callErrors.Add(1, label);
    }

    /// <summary>Redis has answered, or has not.</summary>
    /// <param name="operation">What was asked, with its label.</param>
    /// <param name="time">How long it took.</param>
    /// <param name="isError">Whether it failed.</param>
    internal void OnRedis(in KeyValuePair<string, object?> operation, TimeSpan time, bool isError)
    {
        _redis.Record(time.TotalSeconds, operation);
        if (isError)
            _redisErrors.Add(1, operation);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Count(SiloStatus[] members) => MemberStates.Select(state => new Measurement<int>(
        members.Count(state.Statuses.Contains), new KeyValuePair<string, object?>("state", state.Name)));
}
