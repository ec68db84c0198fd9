using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <content>
/// What many names may lease together. A name of a token of many nodes costs whoever has the token nothing, so that what one node may
/// keep from others bounds them no more: the names of such a token at one source leave a block, and one for each seven that they have, to
/// the nodes at other sources, and all names of the token one for each fifteen to nodes with other tokens. What is left of a pool counts,
/// and not what there is of it, so that the last blocks are for who has none.
/// </content>
public sealed partial class PrefixAllocator
{
    // To one block that is left.
    private const long BlocksOfSource = 7;
    private const long BlocksOfToken = 15;

    // A name that is alone is bounded as any node is, and may start again; its former runs count where there are others.
    private bool LeavesEnough(LeaseRequest request)
    {
        if (request.Sender is not { } sender)
            return true;
        var own = _blocks.Of(request.Node);
        var (atSource, ofToken) = (_blocks.CountOf(sender), _blocks.CountOfToken(sender.Token));
        return (atSource == own.Count(lease => lease.Sender == sender) || _blocks.Free > Math.Max(1, atSource / BlocksOfSource))
            && (ofToken == own.Count(lease => lease.Sender?.Token == sender.Token) || _blocks.Free > ofToken / BlocksOfToken);
    }

    // By token, of which there are no more than an operator made.
    private readonly Dictionary<string, (string Text, DateTimeOffset Until)> _shareFaults = new(StringComparer.Ordinal);

    private string RefuseShare(ReportSender sender, DateTimeOffset now)
    {
        var fault = ShareFault(sender);
        _shareFaults[sender.Token] = (fault, now + _timings.LeaseTime);
        return fault;
    }

    private void ExpireShareFaults(DateTimeOffset now)
    {
        foreach (var (token, _) in _shareFaults.Where(fault => fault.Value.Until <= now).ToArray())
            _shareFaults.Remove(token);
    }

    private string ShareFault(ReportSender sender) =>
        $"the nodes of token {sender.Token} keep {_blocks.CountOfToken(sender.Token)} of the {_blocks.Count} blocks of pool {Pool.Name}, "
        + $"{_blocks.CountOf(sender)} of them at {sender.Source}: what is left is for nodes with other tokens, or at other sources; "
        + "give each node a token of its own";

    // What is adopted was granted when more was left, so that what its own names have counts: else it would be for who is heard first.
    private bool MayHaveHad(LeaseRequest request) => request.Sender is not { } sender
        || (_blocks.CountOf(sender) < MostOfSource(_blocks.Count) && _blocks.CountOfToken(sender.Token) < MostOfToken(_blocks.Count));

    private static int MostOfSource(long blocks) => (int)Math.Max(1, blocks - Math.Max(1, blocks / (BlocksOfSource + 1)));

    private static int MostOfToken(long blocks) => (int)(blocks - (blocks / (BlocksOfToken + 1)));

    // What a pool begins with is what nodes say: of one token's names, at a source and in all, those that were granted first keep what
    // they have, as far as they may have it, and the others give theirs back.
    private static IReadOnlyList<PrefixLease> WithinShares(PrefixPool pool, IReadOnlyCollection<PrefixLease> leases)
    {
        var blocks = new BlockTable(pool).Count;
        var kept = leases.Where(static lease => lease.Sender is not null && lease.IsLive).OrderBy(static lease => lease.Epoch)
            .GroupBy(static lease => lease.Sender!).SelectMany(own => own.Take(MostOfSource(blocks))).OrderBy(static lease => lease.Epoch)
            .GroupBy(static lease => lease.Sender!.Token, StringComparer.Ordinal).SelectMany(own => own.Take(MostOfToken(blocks)))
            .Select(static lease => lease.Prefix).ToHashSet();
        return [.. leases.Select(lease => lease.Sender is null || !lease.IsLive || kept.Contains(lease.Prefix)
            ? lease : lease with { State = LeaseState.Releasing })];
    }
}
