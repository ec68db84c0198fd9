using Relay.Load.Client;
using Relay.Testing.Architecture;

namespace Relay.Load.Tests;

/// <summary>A folder of Relay.Load names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void Folders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(Workload).Assembly, "Relay.Load",
        ["Loop", "Measure", "Report", "Client", "Workloads", "Forward", "Targets", "Cli", FolderOrder.Root]));

    [Fact]
    public void Namespaces_AreTheFolders() => Assert.Empty(FolderOrder.Misplaced("tools/Relay.Load"));
}
