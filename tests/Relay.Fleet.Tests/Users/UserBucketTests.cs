using Relay.Fleet.Users;

namespace Relay.Fleet.Tests.Users;

/// <summary>The parts that users are stored in.</summary>
public class UserBucketTests
{
    /// <summary>What is stored is found by it: it is the same in every version of the program (FNV-1a, of 32 bits).</summary>
    [Theory]
    [InlineData("alice", 231)]
    [InlineData("bob", 212)]
    [InlineData("a", 44)]
    [InlineData("user-50000@example.com", 21)]
    public void Bucket_OfAName_IsAlwaysTheSame(string name, int bucket) => Assert.Equal(bucket, UserBucket.Of(name));

    [Fact]
    public void Buckets_HaveEachUserOnce_AndAFewHundredOfAsManyAsThereMayBe()
    {
        var users = Enumerable.Range(0, UserBook.MaxUsers).Select(static i => new StoredUser { Name = $"user-{i}@example.com", Version = i + 1 });
        var state = new UserBookState { Store = Guid.NewGuid(), Version = UserBook.MaxUsers, Floor = 3, Users = [.. users] };

        var buckets = UserBucket.Of(state, Enumerable.Range(0, UserBucket.Count).ToHashSet());

        Assert.Equal(UserBucket.Count, buckets.Count);
        Assert.All(buckets.Values, bucket => Assert.Equal((state.Version, 3L), (bucket.Through, bucket.Floor)));
        Assert.All(buckets.Values, static bucket => Assert.InRange(bucket.Users.Count, 200, 600));
        Assert.All(buckets, static bucket => Assert.All(bucket.Value.Users, user => Assert.Equal(bucket.Key, UserBucket.Of(user.Name))));
        Assert.All(buckets.Values, static bucket => Assert.Equal(bucket.Users.OrderBy(static user => user.Version), bucket.Users));
        Assert.Equal(UserBook.MaxUsers, buckets.Values.SelectMany(static bucket => bucket.Users).DistinctBy(static user => user.Name).Count());
    }

    [Fact]
    public void Bucket_OfNobody_IsGivenAsEmpty()
    {
        var state = new UserBookState { Store = Guid.NewGuid(), Version = 7 };
        Assert.Equal((7L, 0), (UserBucket.Of(state, new HashSet<int> { 5 })[5].Through, UserBucket.Of(state, new HashSet<int> { 5 })[5].Users.Count));
    }
}
