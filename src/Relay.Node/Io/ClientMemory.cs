namespace Relay.Node.Io;

/// <summary>
/// Memory that a loop holds for what clients have sent it: out of order, for targets that do not take it, in packets that wait. What is
/// on its way to clients is not among it, and of each connection as much as most have is not. By source, and by that only where the
/// source is proven: a forger must not use up another's. Beyond a limit the sources with more than an equal share are refused more.
/// </summary>
/// <param name="limit">In bytes.</param>
internal sealed class ClientMemory(long limit = long.MaxValue)
{
    /// <summary>Bytes that each connection may have, whatever others have.</summary>
    internal const int OfConnection = 64 * 1024;

    /// <summary>The same for each stream that it has had at a time.</summary>
    internal const int OfStream = 4 * 1024;

    private readonly Dictionary<ulong, long> _bySource = [];

    /// <summary>All of it that is known whose it is, in bytes.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The rest: of connections whose address is not proven.</summary>
    internal long Unproven { get; private set; }

    /// <summary>Sources that have some.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>Whether so much is held for who may be anybody that who comes anew must prove its address.</summary>
    internal bool IsCrowded => Unproven >= limit / 4;

    /// <summary>A source has so much more, or less.</summary>
    /// <param name="source">By <see cref="SourceKey"/>; null where it is not proven.</param>
    /// <param name="bytes">How much.</param>
    internal void Change(ulong? source, long bytes)
    {
        if (source is not { } key)
        {
            Unproven += bytes;
            return;
        }
        var own = _bySource.GetValueOrDefault(key) + bytes;
        if (own == 0)
            _bySource.Remove(key);
        else
            _bySource[key] = own;
        Bytes += bytes;
    }

    /// <summary>Whether a source has more than an equal share of a loop that has too much: the greediest are refused first.</summary>
    internal bool IsTooMuch(ulong source) =>
        Bytes >= limit && _bySource.GetValueOrDefault(source) > limit / Math.Max(1, _bySource.Count);
}
