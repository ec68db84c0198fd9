using System.Diagnostics.Metrics;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Diagnostics.Metrics;

/// <summary>
/// The observable instruments of a node, read off its loops' counters at a scrape. Exporters make the Prometheus names
/// of docs/metrics.md of theirs: dots become underscores, and unit and <c>_total</c> are appended. No label ever holds
/// a client, a target or an id.
/// </summary>
internal sealed class NodeInstruments
{
    private const string Type = "type";
    private const string Direction = "direction";
    private const string Upstream = "upstream";
    private const string Downstream = "downstream";

    private readonly Meter _meter;
    private readonly NodeDiagnostics _node;

    private NodeInstruments(Meter meter, NodeDiagnostics node) => (_meter, _node) = (meter, node);

    /// <summary>Creates them all.</summary>
    /// <param name="meter">Theirs.</param>
    /// <param name="node">What they read.</param>
    /// <param name="clock">The wall clock.</param>
    public static void Create(Meter meter, NodeDiagnostics node, TimeProvider clock)
    {
        var instruments = new NodeInstruments(meter, node);
        instruments.CreateConnections();
        instruments.CreateTunnels();
        instruments.CreateDatagrams();
        instruments.CreateQuic();
        instruments.CreateRefusals();
        NodeGauges.Create(meter, node, clock);
    }

    private void CreateConnections()
    {
        Level("relay.connections.active", "{connection}", "Client connections, handshakes under way among them",
            static counters => counters.ConnectionsActive);
        Count("relay.connections", "{connection}", "Client connections by what became of their handshake",
            new Series<long>()
            .Add("result", "established", static counters => counters.ConnectionsEstablished)
            .Add("result", "handshake_failed", static counters => counters.HandshakesFailed)
            .Add("result", "refused", static counters => counters.ConnectionsRefused));
        var (established, carried) = (new Series<long>(), new Series<long>());
        foreach (var protocol in Enum.GetValues<HttpProtocol>())
        {
            var version = HttpProtocolNames.Of(protocol);
            established.Add("version", version, counters => counters.Established[(int)protocol]);
            carried.Add("version", version, counters => counters.Carried[(int)protocol]);
        }
        Count("relay.http.connections", "{connection}", "Client connections whose handshake was completed, by version of HTTP",
            established);
        Count("relay.http.tunnels", "{tunnel}", "Tunnels that were begun, by version of HTTP", carried);
        Count("relay.tls.handshakes.evicted", "{handshake}",
            "TLS handshakes over TCP that were given up for newer ones, since too many were under way",
            static counters => counters.HandshakesEvicted);
    }

    private void CreateTunnels()
    {
        var (active, ended) = (new Series<long>(), new Series<long>());
        foreach (var (type, of) in Types)
        {
            active.Add(Type, type, counters => of(counters).Active);
            foreach (var outcome in Enum.GetValues<TunnelOutcome>())
            {
                ended.Add(Type, type, "outcome", TunnelOutcomeNames.Of(outcome),
                    counters => of(counters).Outcomes[(int)outcome]);
            }
        }
        _meter.CreateObservableGauge("relay.tunnels.active", () => active.Measure(Read()), "{tunnel}",
            "Tunnels, those that wait for their target among them");
        Count("relay.tunnels", "{tunnel}", "Tunnels that have ended, by how", ended);
        Count("relay.drain.tunnels", "{tunnel}", "Tunnels that ended during a drain", new Series<long>()
            .Add("outcome", "finished", static counters => counters.DrainedFinished)
            .Add("outcome", "force_closed", static counters => counters.DrainedForced));
    }

    private void CreateDatagrams()
    {
        var bytes = new Series<long>();
        foreach (var (type, of) in Types)
        {
            bytes.Add(Type, type, Direction, Upstream, counters => of(counters).UpstreamBytes);
            bytes.Add(Type, type, Direction, Downstream, counters => of(counters).DownstreamBytes);
        }
        Count("relay.bytes", "By", "Payload relayed by tunnels", bytes);
        Count("relay.datagrams", "{datagram}", "Datagrams relayed by UDP tunnels", new Series<long>()
            .Add(Direction, Upstream, static counters => counters.UpstreamDatagrams)
            .Add(Direction, Downstream, static counters => counters.DownstreamDatagrams));
        const string Reason = "reason";
        Count("relay.datagram.drops", "{datagram}", "Datagrams that UDP tunnels did not relay", new Series<long>()
            .Add(Direction, Upstream, Reason, "too_large", static counters => counters.UpstreamDropsTooLarge)
            .Add(Direction, Upstream, Reason, "blocked", static counters => counters.UpstreamDropsBlocked)
            .Add(Direction, Upstream, Reason, "early", static counters => counters.UpstreamDropsEarly)
            .Add(Direction, Upstream, Reason, "unknown_context",
                static counters => counters.UpstreamDropsUnknownContext)
            .Add(Direction, Upstream, Reason, "unanswered", static counters => counters.UpstreamDropsUnanswered)
            .Add(Direction, Upstream, Reason, "limited", static counters => counters.UpstreamDropsLimited)
            .Add(Direction, Downstream, Reason, "too_large", static counters => counters.DownstreamDropsTooLarge));
    }

    private void CreateQuic()
    {
        Count("relay.quic.packets", "{packet}", "UDP payloads with QUIC packets", new Series<long>()
            .Add(Direction, Upstream, static counters => counters.PacketsReceived)
            .Add(Direction, Downstream, static counters => counters.PacketsSent));
        Count("relay.quic.packets.lost", "{packet}", "QUIC packets to clients that were declared lost",
            static counters => counters.PacketsLost);
        var discarded = new Series<long>();
        foreach (var reason in Enum.GetValues<PacketDiscard>())
            discarded.Add("reason", reason.ToString().ToLowerInvariant(), counters => counters.Discarded[(int)reason]);
        Count("relay.quic.packets.discarded", "{packet}", "Packets that were received and not read", discarded);
        Count("relay.quic.retries", "{packet}", "Retry packets sent, which ask a client to prove its address",
            static counters => counters.RetriesSent);
        Count("relay.quic.version.negotiations", "{packet}",
            "Version Negotiation packets sent, to clients of another QUIC version",
            static counters => counters.VersionNegotiationsSent);
        Count("relay.quic.stateless.resets", "{packet}",
            "Stateless resets sent, to clients whose connection is not known any more",
            static counters => counters.StatelessResetsSent);
        Count("relay.quic.packets.handed.over", "{packet}",
            "Packets that the kernel gave to another loop's socket than their connection's",
            static counters => counters.PacketsHandedOver);
        Count("relay.quic.streams.held.back", "{stop}",
            "Times that a stream's target was not read since its client had too much to acknowledge",
            static counters => counters.HeldBack);
        Count("relay.tcp.retransmissions", "{segment}", "TCP segments that were sent to clients again",
            static counters => counters.Retransmissions);
        Count("relay.gso.fallbacks", "{message}",
            "Batches that the kernel refused to cut, sent packet by packet instead",
            static counters => counters.ClientGsoFallbacks + counters.TargetGsoFallbacks);
    }

    private void CreateRefusals()
    {
        var (failures, denials) = (new Series<long>(), new Series<long>());
        foreach (var kind in Enum.GetValues<AuthenticationKind>())
        {
            failures.Add("kind", kind.ToString().ToLowerInvariant(),
                counters => counters.AuthFailures[(int)kind]);
        }
        foreach (var verdict in Enum.GetValues<PolicyVerdict>()
            .Where(static verdict => verdict != PolicyVerdict.Allowed))
            denials.Add("reason", PolicyReason.Of(verdict), counters => counters.PolicyDenials[(int)verdict]);
        Count("relay.auth.failures", "{request}",
            "Requests and handshakes without good credentials, by what they showed",
            failures);
        Count("relay.policy.denials", "{address}", "Target addresses that the policy denied", denials);
        Count("relay.request.refusals", "{request}", "Requests refused before a tunnel began", new Series<long>()
            .Add("reason", "draining", static counters => counters.RefusedDraining)
            .Add("reason", "incomplete", static counters => counters.RefusedIncomplete)
            .Add("reason", "limit", static counters => counters.RefusedLimit)
            .Add("reason", "memory", static counters => counters.RefusedMemory)
            .Add("reason", "no_egress", static counters => counters.RefusedWithoutEgress)
            .Add("reason", "scanning", static counters => counters.RefusedScanning)
            .Add("reason", "streams", static counters => counters.RefusedStreams)
            .Add("reason", "too_large", static counters => counters.RefusedTooLarge));
        Count("relay.tcp.reads.paused", "{pause}",
            "Times that a client over TCP was not read for a while, since too much was held of what it had sent",
            static counters => counters.ReadsPaused);
        Count("relay.requests.delayed", "{request}", "Requests, or what costs as much, that were begun in a later turn than they came in",
            static counters => counters.RequestsDelayed);
        Count("relay.request.streams.stopped", "{stream}", "Streams of which all was said, whose client was asked to end its side since it left many open",
            static counters => counters.StreamsStopped);
        Count("relay.http3.credit.withheld", "{request}", "Requests that gave no credit for another, since too many of their connection were not accepted",
            static counters => counters.CreditWithheld);
        Count("relay.http2.floods", "{connection}", "HTTP/2 connections that were ended for load", new Series<long>()
            .Add("reason", "control_frames", static counters => counters.Http2Floods[(int)Http2Flood.ControlFrames])
            .Add("reason", "header_section", static counters => counters.Http2Floods[(int)Http2Flood.HeaderSection])
            .Add("reason", "resets", static counters => counters.Http2Floods[(int)Http2Flood.Resets]));
        Count("relay.http3.floods", "{connection}", "HTTP/3 connections that were ended for load", new Series<long>()
            .Add("reason", "memory", static counters => counters.Http3Memory)
            .Add("reason", "resets", static counters => counters.Http3Resets));
        _meter.CreateObservableCounter("relay.target.sockets.refused", () => _node.View?.TargetSocketsRefused ?? 0,
            "{socket}", "Sockets toward targets that were refused since only a reserve of open files is left");
        Count("relay.lookups.refused", "{lookup}", "Lookups of names that were not begun, since too many were under way",
            static counters => counters.LookupsRefused);
        Count("relay.defects", "{defect}", "Exceptions that ought not to be, which cost a connection or a packet",
            static counters => counters.Defects);
        Count("relay.access.log.drops", "{line}", "Access lines that the log could not take in time",
            static counters => counters.AccessLinesDropped);
    }

    private static readonly (string Name, Func<LoopCounters, TunnelCounters> Of)[] Types =
        [("tcp", static counters => counters.Tcp), ("udp", static counters => counters.Udp)];

    private LoopCounters Read() => LoopCounters.Sum(_node.View?.LoopCounters ?? []);

    private void Level(string name, string unit, string description, Func<LoopCounters, long> read) =>
        _meter.CreateObservableGauge(name, () => read(Read()), unit, description);

    private void Count(string name, string unit, string description, Func<LoopCounters, long> read) =>
        _meter.CreateObservableCounter(name, () => read(Read()), unit, description);

    private void Count(string name, string unit, string description, Series<long> series) =>
        _meter.CreateObservableCounter(name, () => series.Measure(Read()), unit, description);
}
