using Relay.Testing.Architecture;

namespace Relay.Node.Tests.Architecture;

/// <summary>A folder is a layer, and names only those below it.</summary>
public class FolderOrderTests
{
    private static readonly string[] Folders =
    [
        "Counters", FolderOrder.Root, "Io", "Targets", "Users", "Tokens", "Credentials", "Sessions", "Tunnels", "Egress", "Options",
        "Diagnostics", "Fleet", "Http", "Streams", "Http1", "Http2", "Http3", "Server", "Hosting",
    ];

    [Fact]
    public void Folders_NameOnlyThoseBelow() => Assert.Empty(Violations(Folders));

    [Fact]
    public void Files_LieInTheFolderOfTheirNamespace() => Assert.Empty(FolderOrder.Misplaced("src/Relay.Node"));

    [Fact]
    public void TwoFoldersSwapped_AreFoundByTheSameSearch()
    {
        var (tunnels, egress) = (Array.IndexOf(Folders, "Tunnels"), Array.IndexOf(Folders, "Egress"));
        var swapped = (string[])Folders.Clone();
        (swapped[tunnels], swapped[egress]) = (swapped[egress], swapped[tunnels]);
        Assert.Contains(
            "Egress/TcpFlow.cs names Tunnels/ITcpFlow.cs, which is above it", Violations(swapped));
    }

    private static IReadOnlyList<string> Violations(string[] folders) =>
        FolderOrder.Violations(typeof(Relay.Node.Io.EventLoop).Assembly, "Relay.Node", folders);
}
