using Relay.Testing.Architecture;

namespace Relay.Ctl.Tests;

/// <summary>A folder of Relay.Ctl names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void Folders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(CtlProgram).Assembly, "Relay.Ctl",
        ["Api", "Output", "Cli", "Watch", "Commands", FolderOrder.Root]));

    [Fact]
    public void Namespaces_AreTheFolders() => Assert.Empty(FolderOrder.Misplaced("tools/Relay.Ctl"));
}
