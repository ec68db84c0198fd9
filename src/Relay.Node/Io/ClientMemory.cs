namespace Relay.Node.Io;

/// <summary>
/// Memory that a loop holds for what clients have sent it: out of order, for targets that do not take it, in packets that wait. What is
/// on its way to clients is not among it, and of each connection as much as most have is not. By source, and by that only where the
/// source is proven: a forger must not use up another's. Beyond a limit the sources with more than an equal share are refused more;
/// beyond a quarter more, their connections with more than an equal share of that are read no more; and there is half as much again.
/// </summary>
/// <param name="limit">In bytes.</param>
internal sealed class ClientMemory(long limit = long.MaxValue)
{
    /// <summary>Bytes that each connection may have, whatever others have.</summary>
    internal const int OfConnection = 64 * 1024;

    /// <summary>The same for each stream that it has had at a time; the libraries take four fifths of it for one.</summary>
    internal const int OfStream = 1536;

    private readonly Dictionary<ulong, Holding> _bySource = [];

    /// <summary>All of it that is known whose it is, in bytes.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The rest: of connections whose address is not proven.</summary>
    internal long Unproven { get; private set; }

    /// <summary>Sources that have some.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>Whether so much is held for who may be anybody that who comes anew must prove its address.</summary>
    internal bool IsCrowded => Unproven >= Most / 4;

    private long Most => limit + Math.Min(limit / 2, long.MaxValue - limit);

    private long Share => limit / Math.Max(1, _bySource.Count);

    /// <summary>Bytes of a connection are counted for its source, all that it has, or no more.</summary>
    /// <param name="source">By <see cref="SourceKey"/>; null where it is not proven.</param>
    /// <param name="bytes">How many; less than 0 for no more.</param>
    internal void Change(ulong? source, long bytes)
    {
        if (source is not { } key)
        {
            Unproven += bytes;
            return;
        }
        var before = _bySource.GetValueOrDefault(key);
        var own = new Holding(before.Bytes + bytes, before.Connections + Math.Sign(bytes));
        if (own.Bytes == 0)
            _bySource.Remove(key);
        else
            _bySource[key] = own;
        Bytes += bytes;
    }

    /// <summary>Whether a source has more than an equal share of a loop that has too much: the greediest are refused first.</summary>
    internal bool IsTooMuch(ulong source) =>
        Bytes >= limit && _bySource.GetValueOrDefault(source).Bytes > Share;

    /// <summary>
    /// Whether a connection is to hold no more than it does, until something of it is taken: where its source has more than its share of
    /// what there is, and itself more than its share of that. The less is left the smaller is a share, down to an eighth: whoever has used
    /// up what there is, others have something.
    /// </summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="own">Bytes that it holds, beyond <see cref="OfConnection"/>: who has no more than those always goes on.</param>
    internal bool IsFullFor(ulong source, long own) =>
        own > 0 && Bytes - limit >= limit / 4 && HasMore(source, own, Math.Min(Share, Math.Max(Most - Bytes, Share / 8)));

    /// <summary>Whether a connection of a loop that has too much has more than its share of its source's, and that more than its own.</summary>
    internal bool IsGreedy(ulong source, long own) => own > 0 && Bytes >= limit && HasMore(source, own, Share);

    /// <summary>
    /// Whether a connection is to be ended, since there is twice as much as there may be, and it has more than its share of what cannot be
    /// refused: else the process would be.
    /// </summary>
    internal bool MustEnd(ulong source, long own) => IsTwiceUsedUp && IsGreedy(source, own);

    private bool HasMore(ulong source, long own, long share)
    {
        var ofSource = _bySource.GetValueOrDefault(source);
        return ofSource.Bytes > share && own > share / Math.Max(1, ofSource.Connections);
    }

    /// <summary>Whether there is nothing left.</summary>
    internal bool IsUsedUp => Bytes >= Most;

    /// <summary>Whether there is twice as much as there may be, of what cannot be refused at once.</summary>
    internal bool IsTwiceUsedUp => Bytes / 2 >= Most;

    /// <summary>Whether there is nothing left, and a source that has more than its share is why.</summary>
    internal bool IsUsedUpBy(ulong source) => IsUsedUp && IsTooMuch(source);

    private readonly record struct Holding(long Bytes, int Connections);
}
