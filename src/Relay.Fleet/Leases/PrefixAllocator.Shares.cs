using Relay.Fleet.Contract;

namespace Relay.Fleet.Leases;

/// <content>
/// What many names may lease together. A name of a token of many nodes costs whoever has the token nothing, so that what one node may
/// keep from others bounds them no more: the names of such a token at one source leave an eighth of a pool, and at least one block, to
/// the nodes at other sources, and all names of the token leave a sixteenth to nodes with other tokens. What is left of a pool counts,
/// and not what there is of it, so that the last blocks are for who has none.
/// </content>
public sealed partial class PrefixAllocator
{
    // To one block that is left: an eighth of the pool is left then.
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

    private string ShareFault(ReportSender sender) =>
        $"the nodes of token {sender.Token} keep {_blocks.CountOfToken(sender.Token)} of the {_blocks.Count} blocks of pool {Pool.Name}, "
        + $"{_blocks.CountOf(sender)} of them at {sender.Source}: what is left is for nodes with other tokens, or at other sources; "
        + "give each node a token of its own";

    // What a pool begins with is what nodes say: of one token's names, at a source and in all, those that were granted first keep what
    // they have, as far as they may have it, and the others give theirs back.
    private static IReadOnlyList<PrefixLease> WithinShares(PrefixPool pool, IReadOnlyCollection<PrefixLease> leases)
    {
        var blocks = new BlockTable(pool).Count;
        var ofSource = (int)Math.Max(1, blocks - Math.Max(1, blocks / (BlocksOfSource + 1)));
        var ofToken = (int)(blocks - (blocks / (BlocksOfToken + 1)));
        var kept = leases.Where(static lease => lease.Sender is not null && lease.IsLive).OrderBy(static lease => lease.Epoch)
            .GroupBy(static lease => lease.Sender!).SelectMany(own => own.Take(ofSource)).OrderBy(static lease => lease.Epoch)
            .GroupBy(static lease => lease.Sender!.Token, StringComparer.Ordinal).SelectMany(own => own.Take(ofToken))
            .Select(static lease => lease.Prefix).ToHashSet();
        return [.. leases.Select(lease => lease.Sender is null || !lease.IsLive || kept.Contains(lease.Prefix)
            ? lease : lease with { State = LeaseState.Releasing })];
    }
}
