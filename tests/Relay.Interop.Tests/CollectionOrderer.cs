using Relay.Interop.Tests.Lifecycle;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Relay.Interop.Tests.CollectionOrderer))]

namespace Relay.Interop.Tests;

/// <summary>What waits for something that goes on beside all tests is asked last. No test depends on it.</summary>
public sealed class CollectionOrderer : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static collection =>
            collection.TestCollectionDisplayName.Contains(nameof(UdpIdleTests), StringComparison.Ordinal))];
}
