using System.Diagnostics.Metrics;
using System.Globalization;
using Relay.Hosting;
using Relay.Node.Counters;
using Relay.Node.Diagnostics.Health;
using Relay.Node.Users;

namespace Relay.Node.Diagnostics.Metrics;

/// <summary>The observable instruments that are states rather than counts. What is not known is not there.</summary>
internal static class NodeGauges
{
    /// <summary>Creates them all.</summary>
    /// <param name="meter">Theirs.</param>
    /// <param name="node">What they read.</param>
    /// <param name="clock">The wall clock.</param>
    public static void Create(Meter meter, NodeDiagnostics node, TimeProvider clock)
    {
        meter.CreateObservableGauge("relay.loop.busy.ratio", () => Busy(node.View?.LoopCounters ?? []), "1",
            "Part of the last seconds that an event loop did not wait");
        meter.CreateObservableGauge("relay.loop.turn.longest", () => LongestTurns(node.View?.LoopCounters ?? []), "s",
            "The longest turn of an event loop in the last seconds");
        meter.CreateObservableGauge("relay.drain.state", () => (long)node.Fleet.DrainPhase, "{state}",
            "0 serving, 1 lame, 2 draining, 3 drained");
        meter.CreateObservableGauge("relay.ready", () => Ready(node.Readiness.Conditions), "{state}",
            "1 where a condition of readiness is met, 0 where it keeps new clients away");
        meter.CreateObservableGauge("relay.open.relay", () => node.IsOpenRelay ? 1L : 0L, "{state}",
            "1 where anybody who reaches the node can use it");
        meter.CreateObservableGauge("relay.prefix.lease.expires", () => Of(node.Fleet.LeaseExpiresIn), "s",
            "Time until the first of the node's leases runs out; 0 where it holds none");
        meter.CreateObservableGauge("relay.prefix.leases", () => Leases(node.Fleet), "{lease}",
            "Leases of prefix pools, those that are wanted and those that are held");
        meter.CreateObservableCounter("relay.fleet.report.failures", () => node.Fleet.ReportFailures, "{report}",
            "Reports to the fleet that were not answered, or only by a coordinator that stood in");
        meter.CreateObservableGauge("relay.fleet.answer.age", () => Of(node.Fleet.AnsweredAgo), "s",
            "Time since a coordinator that decides for the node has answered");
        CreateUsers(meter, node.Fleet);
        meter.CreateObservableGauge(
            "relay.certificate.expires", () => Of(node.View?.CertificateExpires - clock.GetUtcNow()), "s",
            "Time until the certificate runs out");
        meter.CreateObservableGauge("relay.tls.library.info", () => Named("library", node.TlsLibrary), "{library}",
            "Whose TLS clients are served with");
        meter.CreateObservableGauge("relay.packet.protection.info", () => Named("backend", node.PacketProtection),
            "{backend}", "What encrypts QUIC's packets");
        ProcessGauges.Create(meter);
    }

    private static void CreateUsers(Meter meter, FleetGauges fleet)
    {
        meter.CreateObservableGauge("relay.users", () => Of(fleet.Users?.Count), "{user}",
            "Users of the fleet that the node has");
        meter.CreateObservableGauge("relay.users.version", () => Of(fleet.Users?.Version), "{version}",
            "The version of the fleet's users that the node has");
        meter.CreateObservableGauge("relay.users.age", () => Of(fleet.Users?.Age), "s",
            "Time since a coordinator answered who could have said that a user is none any more");
        meter.CreateObservableCounter("relay.users.refused", () => fleet.Users is { } users
            ? Enum.GetValues<UserRefusal>().Select(reason => new Measurement<long>(
                users.Refused(reason), new KeyValuePair<string, object?>("reason", UserRefusalNames.Of(reason))))
            : [], "{page}", "Pages of users that the node has not taken");
    }

    private static IEnumerable<Measurement<double>> Busy(IReadOnlyList<LoopCounters> loops) =>
        ByLoop(loops, static loop => loop.Usage.Ratio);

    private static IEnumerable<Measurement<double>> LongestTurns(IReadOnlyList<LoopCounters> loops) =>
        ByLoop(loops, static loop => loop.Usage.LongestTurn / 1e9);

    private static IEnumerable<Measurement<double>> ByLoop(IReadOnlyList<LoopCounters> loops, Func<LoopCounters, double> value) =>
        loops.Select((loop, index) => new Measurement<double>(
            value(loop), new KeyValuePair<string, object?>("loop", index.ToString(CultureInfo.InvariantCulture))));

    private static IEnumerable<Measurement<long>> Ready(IReadOnlyList<ReadinessCondition> conditions) =>
        conditions.Select(static condition => new Measurement<long>(
            condition.UnmetBecause is null ? 1 : 0, new KeyValuePair<string, object?>("condition", condition.Name)));

    private static IEnumerable<Measurement<long>> Leases(FleetGauges fleet) => fleet.LeasesWanted == 0 ? [] :
    [
        new Measurement<long>(fleet.LeasesWanted, new KeyValuePair<string, object?>("state", "wanted")),
        new Measurement<long>(fleet.LeasesHeld, new KeyValuePair<string, object?>("state", "held")),
    ];

    private static IEnumerable<Measurement<long>> Named(string label, string? name) =>
        name is null ? [] : [new Measurement<long>(1, new KeyValuePair<string, object?>(label, name))];

    private static IEnumerable<Measurement<long>> Of(long? value) =>
        value is { } number ? [new Measurement<long>(number)] : [];

    private static IEnumerable<Measurement<double>> Of(TimeSpan? value) =>
        value is { } time ? [new Measurement<double>(time.TotalSeconds)] : [];
}
