using System.Text.RegularExpressions;
using Relay.Interop.Tests.Curl;
using Relay.Interop.Tests.Dashboard;
using Relay.Interop.Tests.Deployment;
using Relay.Interop.Tests.Documents;
using Relay.Interop.Tests.Fleet;
using Relay.Interop.Tests.Lifecycle;
using Relay.Interop.Tests.Loopback;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Relay.Interop.Tests.CollectionOrderer))]

namespace Relay.Interop.Tests;

/// <summary>
/// What takes longest begins first, so that nothing is left alone at the end, and what waits for something that goes on
/// beside all tests is asked last. No test depends on it.
/// </summary>
public sealed partial class CollectionOrderer : ITestCollectionOrderer
{
    // Ends of the names of classes.
    private static readonly string[] First =
    [
        nameof(FirefoxRelayTests), nameof(RunScriptTests), nameof(PreStopTests), nameof(RollingDrainTests),
        nameof(OutageTests), nameof(DrainUnderLoadTests), nameof(LoopbackTests), nameof(ManifestTests),
        nameof(IdentityTests), nameof(CarrierTests), nameof(SiloHangsTests), nameof(NodeKilledTests),
        nameof(FirefoxDirectTests), nameof(TransferTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(static collection => Rank(ClassOf(collection.TestCollectionDisplayName)))];

    /// <summary>The class for which xunit made a collection, of the text by which it calls it; else that text.</summary>
    internal static string ClassOf(string collection) => CollectionOfClass().Replace(collection, "$1");

    private static int Rank(string name)
    {
        if (name == nameof(UdpIdleTests))
            return int.MaxValue;
        var index = Array.FindIndex(First, one => name.EndsWith(one, StringComparison.Ordinal));
        return index < 0 ? First.Length : index;
    }

    [GeneratedRegex(@"^Test collection for (?:\w+\.)*(\w+) \(id: \w+\)$")]
    private static partial Regex CollectionOfClass();
}
