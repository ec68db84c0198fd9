using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Relay.Testing;

/// <summary>Runs a test once for each of the seeds 1, 2, … of what is random in it.</summary>
/// <param name="count">How many.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SeedsAttribute(int count) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enumerable.Range(1, count).Select(static seed => new TheoryDataRow<int>(seed))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
