using Relay.Interop.Tests.Fleet;
using Relay.Interop.Tests.Lifecycle;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Relay.Interop.Tests.CollectionOrderer))]

namespace Relay.Interop.Tests;

/// <summary>
/// What waits longest begins first, and what waits for something that goes on beside all tests is asked last. No test
/// depends on it.
/// </summary>
public sealed class CollectionOrderer : ITestCollectionOrderer
{
    private static readonly string[] First = [nameof(OutageTests), nameof(NodeKilledTests), nameof(RollingDrainTests)];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static collection => Rank(collection.TestCollectionDisplayName))];

    private static int Rank(string name) => name.EndsWith(nameof(UdpIdleTests), StringComparison.Ordinal) ? 1
        : First.Any(one => name.EndsWith(one, StringComparison.Ordinal)) ? -1 : 0;
}
