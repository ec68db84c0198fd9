using Orleans.Storage;
using Relay.Fleet.Users;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <summary>The buckets of users in storage, a record each. None is kept in memory.</summary>
/// <param name="storage">The storage.</param>
/// <param name="grain">Whose they are.</param>
internal sealed class UserBucketStore(IGrainStorage storage, GrainId grain)
{
    // As many at a time as neither side notices.
    private const int AtOnce = 16;

    private readonly IGrainState<UserBucket>?[] _known = new IGrainState<UserBucket>?[UserBucket.Count];

    /// <summary>Reads all that were written.</summary>
    /// <param name="through">For each the version through which it was written; 0 for one that never was.</param>
    /// <param name="most">The version of the last change that anybody may have written.</param>
    /// <returns>All users, and whether the buckets are what was written.</returns>
    internal async Task<(List<StoredUser> Users, bool IsWhole)> ReadAsync(IReadOnlyList<long> through, long most)
    {
        List<StoredUser> users = [];
        var isWhole = true;
        foreach (var numbers in Enumerable.Range(0, through.Count).Where(number => through[number] > 0).Chunk(AtOnce))
        {
            foreach (var (number, bucket) in numbers.Zip(await Task.WhenAll(numbers.Select(ReadAsync))))
            {
                isWhole &= bucket.Through >= through[number] && bucket.Through <= most;
                users.AddRange(bucket.Users);
            }
        }
        return (users, isWhole);
    }

    /// <summary>Writes some.</summary>
    /// <exception cref="StorageConflictException">Another activation has written what is later.</exception>
    internal async Task WriteAsync(IReadOnlyDictionary<int, UserBucket> buckets)
    {
        foreach (var chunk in buckets.Chunk(AtOnce))
            await Task.WhenAll(chunk.Select(bucket => WriteAsync(bucket.Key, bucket.Value)));
    }

    private async Task<UserBucket> ReadAsync(int number)
    {
        var state = new GrainState<UserBucket>(new UserBucket());
        await storage.ReadStateAsync(NameOf(number), grain, state);
        var bucket = state is { RecordExists: true, State: { } stored } ? stored : new UserBucket();
        Know(number, state);
        return bucket;
    }

    private async Task WriteAsync(int number, UserBucket bucket)
    {
        try
        {
            await TryWriteAsync(number, bucket);
        }
        catch (InconsistentStateException)
        {
            // It is another activation's that was before this one, or is gone.
            if ((await ReadAsync(number)).Through > bucket.Through)
                throw new StorageConflictException("another activation of this grain has written its state");
            await TryWriteAsync(number, bucket);
        }
    }

    private async Task TryWriteAsync(int number, UserBucket bucket)
    {
        var known = _known[number];
        var state = new GrainState<UserBucket>(bucket, known?.ETag) { RecordExists = known?.RecordExists == true };
        await storage.WriteStateAsync(NameOf(number), grain, state);
        Know(number, state);
    }

    private void Know(int number, GrainState<UserBucket> state)
    {
        state.State = new UserBucket();
        _known[number] = state;
    }

    private static string NameOf(int number) => $"users-{number:x2}";
}
