using Relay.Fleet.Users;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <summary>What is stored of the users before a change is answered.</summary>
internal sealed record UserRecord : StoredRecord
{
    /// <summary>The store, with those users whose last change no bucket has; null where nothing was stored.</summary>
    public UserBookState? Book { get; init; }
}

/// <summary>
/// The users, and which of them are in buckets. One record says what holds, so that no other activation can write beside this one:
/// it has the store's version and the latest changes, and is written with each; the buckets are written after it, now and then.
/// </summary>
internal sealed class UserLedger
{
    /// <summary>With so many changes the record is to be relieved of them.</summary>
    internal const int MaxUnsettled = 128;

    private readonly long[] _buckets;
    private long _through;
    private long _own;

    /// <summary>Goes on from a state.</summary>
    /// <param name="record">What is stored.</param>
    /// <param name="aside">All users as the buckets have them, or as they had them and more; null for none.</param>
    /// <param name="now">The coordinator's clock.</param>
    internal UserLedger(UserRecord record, UserBookState? aside, DateTimeOffset now)
    {
        var book = record.Book;
        _buckets = book is { Buckets: { Count: > 0 } buckets } ? [.. buckets] : new long[UserBucket.Count];
        _through = book is { Users: [var first, ..] } ? first.Version - 1 : book?.Version ?? 0;
        Book = new UserBook(book is null || aside is null ? book : book with { Users = [.. aside.Users, .. book.Users] }, now);
    }

    /// <summary>The users.</summary>
    internal UserBook Book { get; }

    /// <summary>Rises with every change that has to be stored.</summary>
    internal long Revision => Book.Revision + _own;

    /// <summary>What has to be stored.</summary>
    internal UserRecord ToRecord()
    {
        var state = Book.ToState();
        return new UserRecord { Book = state with { Users = [.. state.ChangedAfter(_through)], Buckets = [.. _buckets] } };
    }

    /// <summary>The buckets that have not all that there is.</summary>
    /// <param name="isAll">What is in them is not known: whatever any of them may have is to be written over.</param>
    internal HashSet<int> Unsettled(bool isAll) =>
    [
        .. Book.ToState().ChangedAfter(isAll ? 0 : _through).Select(static user => UserBucket.Of(user.Name)),
        .. Enumerable.Range(0, UserBucket.Count).Where(number => isAll && _buckets[number] > 0),
    ];

    /// <summary>Whether there are so many changes that buckets are to be written.</summary>
    internal bool IsFull => Book.ToState().ChangedAfter(_through).Skip(MaxUnsettled).Any();

    /// <summary>Buckets have what there was with a state.</summary>
    internal void Settle(UserBookState state, IEnumerable<int> written)
    {
        foreach (var bucket in written)
            _buckets[bucket] = state.Version;
        _through = state.Version;
        Book.ForgetRemoved(_through);
        _own++;
    }
}
