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
    public static IReadOnlyList<string> Faults(NodeReport report)
    {
        // Nearly none has any: what is fit makes no object.
        List<string>? faults = null;
        Find(report, ref faults);
        return faults is null ? [] : faults.Count <= MaxFaults ? faults : faults[..MaxFaults];
    }

    private static void Find(NodeReport report, ref List<string>? faults)
    {
        if (!Names.IsNode(report.Node))
            Add(ref faults, "node: a name is " + Names.NodeRule);
        if (report.Incarnation == Guid.Empty)
            Add(ref faults, "incarnation: it is empty");
        if (report.Sequence is < 1 or > MaxNumber)
            Add(ref faults, "sequence: it is not a number from 1 on");
        if (report.StandInAfterMilliseconds is < 0 or > MaxStandIn)
            Add(ref faults, $"standInAfterMilliseconds: it is not a number from 0 to {MaxStandIn}");
        if (!Enum.IsDefined(report.State) || report.State == NodeState.Silent)
            Add(ref faults, "state: no node says that of itself");
        if (!Names.IsText(report.Version, 64))
            Add(ref faults, "version: it is longer than 64 characters, or not plain text");
        FindTexts("notReady", report.NotReady, ref faults);
        FindTexts("addresses", report.Addresses, ref faults);
        FindTexts("egress", report.Egress, ref faults);
        FindTexts("warnings", report.Warnings, ref faults);
        if (Unfit(report.StaticPrefixes, MaxStaticPrefixes, IsSmallEnough))
            Add(ref faults, $"staticPrefixes: more than {MaxStaticPrefixes}, or one shorter than /8 of IPv4 or /16 of IPv6");
        FindNumbers(report, ref faults);
        FindSessions(report.Sessions, ref faults);
        FindLeases(report, ref faults);
        if (Unfit(report.Identities, MaxIdentities, static usage => Names.IsIdentity(usage.Identity)
            && IsNumber(usage.Sessions) && IsNumber(usage.Tunnels) && IsNumber(usage.BytesPerSecond)))
            Add(ref faults, $"identities: more than {MaxIdentities}, or one without a name or with a negative number");
        if (report.Use is { } use && (use.Number is < 1 or > MaxNumber || Unfit(use.Users, UserUseBatch.MaxUsers, static user =>
            Names.IsUser(user.Name) && AreNumbers(user.UpstreamBytes, user.DownstreamBytes, user.Tunnels))
            || use.Users.DistinctBy(static user => user.Name, StringComparer.Ordinal).Count() != use.Users.Count))
            Add(ref faults, $"use: more than {UserUseBatch.MaxUsers}, or one without a name, with that of another or with a negative number");
        if (report.Users is { } users && (users.Version is < 0 or > MaxNumber || (users.Version == 0) != (users.Store == Guid.Empty)))
            Add(ref faults, "users: a version above 0 goes with a store, and 0 with none");
        if (Unfit(report.Answers, MaxAnswers, static answer => Names.IsOperation(answer.Id)
            && !Unfit(answer.Sessions, MaxAnswers, Names.IsOperation)))
            Add(ref faults, $"answers: more than {MaxAnswers}, or one without an id");
    }

    private static void Add(ref List<string>? faults, string fault) => (faults ??= []).Add(fault);

    private static void FindTexts(string field, IReadOnlyList<string> texts, ref List<string>? faults)
    {
        if (Unfit(texts, MaxTexts, static text => Names.IsText(text, MaxTextLength)))
            Add(ref faults, $"{field}: more than {MaxTexts} texts, or one of more than {MaxTextLength} characters, or not plain text");
    }

    /// <summary>Whether a node may name a prefix: one that calls a large part of all addresses its own would end all grants.</summary>
    internal static bool IsSmallEnough(Prefix prefix) => prefix.Length >= (prefix.IsIPv4 ? 8 : 16);

    private static void FindNumbers(NodeReport report, ref List<string>? faults)
    {
        var (capacity, load, totals) = (report.Capacity, report.Load, report.Totals);
        if (capacity is null || !AreNumbers(capacity.Workers, capacity.MaxConnections, capacity.MaxTunnels))
            Add(ref faults, "capacity: a number is negative or too large");
        if (load is null || !AreNumbers(load.Connections, load.Sessions, load.TcpTunnels, load.UdpTunnels)
            || Unfit(load.Loops, MaxLoops, static loop => AreNumbers(loop.Loop, loop.Connections, loop.Tunnels)
                && double.IsFinite(loop.Busy) && loop.Busy is >= 0 and <= 1))
            Add(ref faults, "load: a number is negative or too large, or a loop is busy by less than 0 or more than 1");
        if (totals is null || !AreNumbers(
            totals.Connections, totals.ConnectionsRefused, totals.HandshakesFailed, totals.TcpTunnels,
            totals.UdpTunnels,
            totals.TunnelsCompleted, totals.TunnelsForceClosed, totals.TunnelsFailed, totals.RequestsRefused,
            totals.AuthFailures, totals.UpstreamBytes, totals.DownstreamBytes, totals.UpstreamDatagrams,
            totals.DownstreamDatagrams, totals.DatagramDrops, totals.PacketsSent, totals.PacketsLost))
            Add(ref faults, "totals: a number is negative or too large");
        if (IsUnfit(report.Rtt))
            Add(ref faults, $"rtt: more than {Distribution.BucketCount} buckets, or a negative number");
        if (IsUnfit(report.TunnelSetup))
            Add(ref faults, $"tunnelSetup: more than {Distribution.BucketCount} buckets, or a negative number");
        if (report.Drain is { } drain && (!Names.IsOperation(drain.Id)
            || !AreNumbers(drain.TunnelsAtStart, drain.TunnelsLeft, drain.Finished, drain.ForceClosed)))
            Add(ref faults, "drain: it has no id, or a number is negative or too large");
    }

    private static void FindSessions(SessionDelta delta, ref List<string>? faults)
    {
        if (delta?.Changed is null || delta.Ended is null
            || delta.Changed.Count + delta.Ended.Count > SessionDelta.MaxChanges)
        {
            Add(ref faults, $"sessions: more than {SessionDelta.MaxChanges} changes at once");
            return;
        }
        if (!IsNumber(delta.From) || !IsNumber(delta.To) || delta.To < delta.From && !delta.IsRestart)
            Add(ref faults, "sessions: they do not go from a number to a later one");
        if (Unfit(delta.Changed, SessionDelta.MaxChanges, IsSession))
            Add(ref faults, "sessions.changed: one has a bad id or identity, a negative number, or something that is no address");
        if (Unfit(delta.Ended, SessionDelta.MaxChanges, Names.IsOperation))
            Add(ref faults, "sessions.ended: one has a bad id");
    }

    private static bool IsSession(SessionRecord session) =>
        Names.IsOperation(session.Id) && Names.IsIdentity(session.Identity) && Enum.IsDefined(session.State)
        && session.HttpVersion is null or "3" or "2" or "1.1"
        && AreNumbers(session.TunnelsOpen, session.TunnelsTotal, session.UpstreamBytes, session.DownstreamBytes)
        && !Unfit(session.EgressAddresses, MaxTexts, static text => text.Length <= 64 && IPAddress.IsValid(text));

    private static void FindLeases(NodeReport report, ref List<string>? faults)
    {
        if (Unfit(report.Pools, MaxPools, Names.IsPool))
            Add(ref faults, $"pools: more than {MaxPools}, or one whose name is not {Names.PoolRule}");
        if (Unfit(report.Leases, MaxLeases, IsClaim))
            Add(ref faults, $"leases: more than {MaxLeases}, or one without a pool's name or an epoch");
        if (Unfit(report.Released, MaxLeases, IsClaim))
            Add(ref faults, $"released: more than {MaxLeases}, or one without a pool's name or an epoch");
    }

    private static bool IsClaim(LeaseClaim claim) => Names.IsPool(claim.Pool) && claim.Epoch is >= 1 and <= MaxNumber;

    private static bool IsUnfit(Distribution distribution) =>
        distribution is null || Unfit(distribution.Counts, Distribution.BucketCount, IsNumber);

    private static bool Unfit<T>(IReadOnlyList<T> items, int most, Func<T, bool> isFit)
    {
        if (items is null || items.Count > most)
            return true;
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i] is not { } item || !isFit(item))
                return true;
        }
        return false;
    }

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
