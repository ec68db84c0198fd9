using Relay.Hosting;
using Relay.Testing.Architecture;

namespace Relay.Admin.Tests;

/// <summary>A folder of relay-admin, or of what it shares with relay-node, names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void AdminsFolders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(AdminConfig).Assembly, "Relay.Admin",
        [
            FolderOrder.Root, "Identity", "Diagnostics", "Kubernetes", "Connections", "Http", "Apple", "Assets", "Enrolments", "Events", "Resources", "OpenApi",
            "Options", "Hosting",
        ]));

    [Fact]
    public void HostingsFolders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(StartException).Assembly, "Relay.Hosting",
        [FolderOrder.Root, "Options", "Credentials", "Files", "Logging", "Systemd", "Fleet"]));

    [Theory]
    [InlineData("src/Relay.Admin")]
    [InlineData("src/Relay.Hosting")]
    public void Namespaces_AreTheFolders(string project) => Assert.Empty(FolderOrder.Misplaced(project));
}
