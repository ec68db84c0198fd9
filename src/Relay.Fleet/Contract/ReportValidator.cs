using System.Net;

namespace Relay.Fleet.Contract;

/// <summary>
/// Says what is wrong with a report: it comes from the network, and everything that takes it relies on its bounds.
/// </summary>
public static class ReportValidator
{
    private const int MaxFaults = 16;
    private const int MaxTexts = 64;
    private const int MaxTextLength = 512;
    private const int MaxPools = 16;
    // A prefix and a fixed address of each family.
    private const int MaxStaticPrefixes = 4;
    private const int MaxLeases = 64;
    private const int MaxIdentities = 4096;
    private const int MaxAnswers = 64;
    private const int MaxLoops = 1024;
    private const int MaxStandIn = 60_000;

    // Numbers are JSON's, which not every reader keeps exactly above 2^53.
    private const long MaxNumber = 1L << 53;

    /// <summary>Refuses a report with a fault.</summary>
    /// <exception cref="FleetRejectedException">It has one; the message says which.</exception>
    public static void Check(NodeReport report)
    {
        if (Faults(report) is { Count: > 0 } faults)
            throw new FleetRejectedException("the report is refused: " + string.Join("; ", faults));
    }

    /// <summary>What is wrong, one sentence each, naming the field; at most 16.</summary>
    public static IReadOnlyList<string> Faults(NodeReport report) => [.. Find(report).Take(MaxFaults)];

    private static IEnumerable<string> Find(NodeReport report)
    {
        if (!Names.IsNode(report.Node))
            yield return "node: a name is " + Names.NodeRule;
        if (report.Incarnation == Guid.Empty)
            yield return "incarnation: it is empty";
        if (report.Sequence is < 1 or > MaxNumber)
            yield return "sequence: it is not a number from 1 on";
        if (report.StandInAfterMilliseconds is < 0 or > MaxStandIn)
            yield return $"standInAfterMilliseconds: it is not a number from 0 to {MaxStandIn}";
        if (!Enum.IsDefined(report.State) || report.State == NodeState.Silent)
            yield return "state: no node says that of itself";
        if (!Names.IsText(report.Version, 64))
            yield return "version: it is longer than 64 characters, or not plain text";
        foreach (var fault in Texts("notReady", report.NotReady).Concat(Texts("addresses", report.Addresses))
            .Concat(Texts("egress", report.Egress)).Concat(Texts("warnings", report.Warnings)))
            yield return fault;
        foreach (var fault in Prefixes(report).Concat(Numbers(report)).Concat(Sessions(report.Sessions))
            .Concat(Leases(report)))
            yield return fault;
        if (Unfit(report.Identities, MaxIdentities, usage => Names.IsIdentity(usage.Identity)
            && IsNumber(usage.Sessions) && IsNumber(usage.Tunnels) && IsNumber(usage.BytesPerSecond)))
            yield return $"identities: more than {MaxIdentities}, or one without a name or with a negative number";
        if (report.Use is { } use && (use.Number is < 1 or > MaxNumber || Unfit(use.Users, UserUseBatch.MaxUsers, static user =>
            Names.IsUser(user.Name) && AreNumbers(user.UpstreamBytes, user.DownstreamBytes, user.Tunnels))
            || use.Users.DistinctBy(static user => user.Name, StringComparer.Ordinal).Count() != use.Users.Count))
            yield return $"use: more than {UserUseBatch.MaxUsers}, or one without a name, with that of another or with a negative number";
        if (report.Users is { } users && (users.Version is < 0 or > MaxNumber || (users.Version == 0) != (users.Store == Guid.Empty)))
            yield return "users: a version above 0 goes with a store, and 0 with none";
        if (Unfit(report.Answers, MaxAnswers, answer => Names.IsOperation(answer.Id)
            && !Unfit(answer.Sessions, MaxAnswers, Names.IsOperation)))
            yield return $"answers: more than {MaxAnswers}, or one without an id";
    }

    private static IEnumerable<string> Texts(string field, IReadOnlyList<string> texts)
    {
        if (Unfit(texts, MaxTexts, text => Names.IsText(text, MaxTextLength)))
            yield return $"{field}: more than {MaxTexts} texts, or one of more than {MaxTextLength} characters, or not plain text";
    }

    /// <summary>Whether a node may name a prefix: one that calls a large part of all addresses its own would end all grants.</summary>
    internal static bool IsSmallEnough(Prefix prefix) => prefix.Length >= (prefix.IsIPv4 ? 8 : 16);

    private static IEnumerable<string> Prefixes(NodeReport report)
    {
        if (Unfit(report.StaticPrefixes, MaxStaticPrefixes, IsSmallEnough))
            yield return $"staticPrefixes: more than {MaxStaticPrefixes}, or one shorter than /8 of IPv4 or /16 of IPv6";
    }

    private static IEnumerable<string> Numbers(NodeReport report)
    {
        var (capacity, load, totals) = (report.Capacity, report.Load, report.Totals);
        if (capacity is null || !AreNumbers(capacity.Workers, capacity.MaxConnections, capacity.MaxTunnels))
            yield return "capacity: a number is negative or too large";
        if (load is null || !AreNumbers(load.Connections, load.Sessions, load.TcpTunnels, load.UdpTunnels)
            || Unfit(load.Loops, MaxLoops, loop => AreNumbers(loop.Loop, loop.Connections, loop.Tunnels)
                && double.IsFinite(loop.Busy) && loop.Busy is >= 0 and <= 1))
            yield return "load: a number is negative or too large, or a loop is busy by less than 0 or more than 1";
        if (totals is null || !AreNumbers(
            totals.Connections, totals.ConnectionsRefused, totals.HandshakesFailed, totals.TcpTunnels,
            totals.UdpTunnels,
            totals.TunnelsCompleted, totals.TunnelsForceClosed, totals.TunnelsFailed, totals.RequestsRefused,
            totals.AuthFailures, totals.UpstreamBytes, totals.DownstreamBytes, totals.UpstreamDatagrams,
            totals.DownstreamDatagrams, totals.DatagramDrops, totals.PacketsSent, totals.PacketsLost))
            yield return "totals: a number is negative or too large";
        if (IsUnfit(report.Rtt))
            yield return $"rtt: more than {Distribution.BucketCount} buckets, or a negative number";
        if (IsUnfit(report.TunnelSetup))
            yield return $"tunnelSetup: more than {Distribution.BucketCount} buckets, or a negative number";
        if (report.Drain is { } drain && (!Names.IsOperation(drain.Id)
            || !AreNumbers(drain.TunnelsAtStart, drain.TunnelsLeft, drain.Finished, drain.ForceClosed)))
            yield return "drain: it has no id, or a number is negative or too large";
    }

    private static IEnumerable<string> Sessions(SessionDelta delta)
    {
        if (delta?.Changed is null || delta.Ended is null
            || delta.Changed.Count + delta.Ended.Count > SessionDelta.MaxChanges)
        {
            yield return $"sessions: more than {SessionDelta.MaxChanges} changes at once";
            yield break;
        }
        if (!IsNumber(delta.From) || !IsNumber(delta.To) || delta.To < delta.From && !delta.IsRestart)
            yield return "sessions: they do not go from a number to a later one";
        if (Unfit(delta.Changed, SessionDelta.MaxChanges, IsSession))
            yield return "sessions.changed: one has a bad id or identity, a negative number, or something that is no address";
        if (Unfit(delta.Ended, SessionDelta.MaxChanges, Names.IsOperation))
            yield return "sessions.ended: one has a bad id";
    }

    private static bool IsSession(SessionRecord session) =>
        Names.IsOperation(session.Id) && Names.IsIdentity(session.Identity) && Enum.IsDefined(session.State)
        && session.HttpVersion is null or "3" or "2" or "1.1"
        && AreNumbers(session.TunnelsOpen, session.TunnelsTotal, session.UpstreamBytes, session.DownstreamBytes)
        && !Unfit(session.EgressAddresses, MaxTexts, text => text.Length <= 64 && IPAddress.IsValid(text));

    private static IEnumerable<string> Leases(NodeReport report)
    {
        if (Unfit(report.Pools, MaxPools, Names.IsPool))
            yield return $"pools: more than {MaxPools}, or one whose name is not {Names.PoolRule}";
        if (Unfit(report.Leases, MaxLeases, IsClaim))
            yield return $"leases: more than {MaxLeases}, or one without a pool's name or an epoch";
        if (Unfit(report.Released, MaxLeases, IsClaim))
            yield return $"released: more than {MaxLeases}, or one without a pool's name or an epoch";
    }

    private static bool IsClaim(LeaseClaim claim) => Names.IsPool(claim.Pool) && claim.Epoch is >= 1 and <= MaxNumber;

    private static bool IsUnfit(Distribution distribution) =>
        distribution is null || Unfit(distribution.Counts, Distribution.BucketCount, IsNumber);

    private static bool Unfit<T>(IReadOnlyList<T> items, int most, Func<T, bool> isFit) =>
        items is null || items.Count > most || items.Any(item => item is null || !isFit(item));

    private static bool AreNumbers(params ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
        {
            if (!IsNumber(number))
                return false;
        }
        return true;
    }

    private static bool IsNumber(long number) => number is >= 0 and <= MaxNumber;
}
