using Relay.Testing.Architecture;

namespace Relay.Fleet.Tests;

/// <summary>A folder of Relay.Fleet names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void Folders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(NodeReport).Assembly, "Relay.Fleet",
        ["Contract", "Leases", "Limits", "Users", "Recipes", "Usage", "Sessions", "Stats", "Events", "Nodes", "Drains", "State", "Json", "Http", "Local"]));

    [Fact]
    public void Namespaces_AreTheFolders() => Assert.Empty(FolderOrder.Misplaced("src/Relay.Fleet"));
}
