using Relay.Testing.Architecture;

namespace Relay.Native.Tests;

/// <summary>A folder of Relay.Native names only folders below it.</summary>
public class FolderOrderTests
{
    [Fact]
    public void Folders_InTheirOrder_NameNoneAbove() => Assert.Empty(FolderOrder.Violations(
        typeof(NativeStructAttribute).Assembly, "Relay.Native",
        [FolderOrder.Root, "Trust", "Linux", "Ngtcp2", "Nghttp3", "Nghttp2", "GnuTls", "OpenSsl", "IpsecMb", "Tls", "Quic", "Http3", "Http2"]));

    [Fact]
    public void Namespaces_AreTheFolders() => Assert.Empty(FolderOrder.Misplaced("src/Relay.Native"));
}
