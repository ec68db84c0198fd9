using Relay.Grains.Contracts;
using Relay.Testing.Architecture;

namespace Relay.Grains.Tests;

/// <summary>A folder of Relay.Grains names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void Folders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(GrainKeys).Assembly, "Relay.Grains",
        [
            FolderOrder.Root, "Contracts", "State", "Events", "Stats", "Clients", "Users", "Nodes", "Pools", "Drains", "Membership",
            "Hosting",
        ]));

    [Fact]
    public void Namespaces_AreTheFolders() => Assert.Empty(FolderOrder.Misplaced("src/Relay.Grains"));
}
