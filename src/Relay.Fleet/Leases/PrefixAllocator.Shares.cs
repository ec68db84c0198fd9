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

    // Its own former runs are bounded apart, and keep no node that is alone from starting again.
    private bool LeavesEnough(LeaseRequest request)
    {
        if (request.Sender is not { } sender)
            return true;
        var own = _blocks.Of(request.Node);
        var atSource = _blocks.CountOf(sender) - own.Count(lease => lease.Sender == sender);
        var ofToken = _blocks.CountOfToken(sender.Token) - own.Count(lease => lease.Sender?.Token == sender.Token);
        return (atSource == 0 || _blocks.Free > Math.Max(1, atSource / BlocksOfSource)) && _blocks.Free > ofToken / BlocksOfToken;
    }

    private string ShareFault(ReportSender sender) =>
        $"the nodes of token {sender.Token} keep {_blocks.CountOfToken(sender.Token)} of the {_blocks.Count} blocks of pool {Pool.Name}, "
        + $"{_blocks.CountOf(sender)} of them at {sender.Source}: what is left is for nodes with other tokens, or at other sources; "
        + "give each node a token of its own";

    // What a pool begins with is what nodes say: of one token's names at a source those that were granted first keep what they have, as
    // far as they may have it, and the others give theirs back.
    private static IReadOnlyList<PrefixLease> WithinShares(PrefixPool pool, IReadOnlyCollection<PrefixLease> leases)
    {
        var blocks = new BlockTable(pool).Count;
        var most = blocks - Math.Max(1, blocks / (BlocksOfSource + 1));
        var beyond = leases.Where(static lease => lease.Sender is not null && lease.IsLive).GroupBy(static lease => lease.Sender!)
            .SelectMany(own => own.OrderBy(static lease => lease.Epoch).Skip((int)Math.Max(1, most))).Select(static lease => lease.Prefix).ToHashSet();
        return [.. leases.Select(lease => beyond.Contains(lease.Prefix) ? lease with { State = LeaseState.Releasing } : lease)];
    }
}
