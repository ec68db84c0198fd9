namespace Relay.Interop.Tests;

/// <summary>The order in which the classes of this assembly begin.</summary>
public sealed class CollectionOrdererTests
{
    [Fact]
    public void Class_IsFoundInTheNameOfItsCollection() => Assert.Equal(
        nameof(CollectionOrdererTests),
        CollectionOrderer.ClassOf(TestContext.Current.TestCollection!.TestCollectionDisplayName));
}
