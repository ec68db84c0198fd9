using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A node that dies and is back: its clients must not wait for a timeout to find that out.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Killed_AndBack_TellsItsClientsThatTheirConnectionsAreLost()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        using var certificate = authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        await using var first = await RelayProcess.StartAsync(files);
        await using var tunnel = await HeldTunnel.OpenAsync(first.Port, "a relay that dies");

        first.Signal(9);
        await first.WaitForExitAsync(Limits.Stop);
        await using var second = await RelayProcess.StartAsync(files, first.Port);

        await tunnel.LearnsThatItIsLostAsync();
    }
}
