using Relay.Testing.Network;

namespace Relay.Interop.Tests.Documents;

/// <summary>docs/identity.md: an authority, a client's certificate, and a relay that asks for it.</summary>
public sealed class IdentityGuideTests
{
    [Fact]
    public async Task Commands_OfTheGuide_MakeACertificateThatTheRelayTakes()
    {
        InstalledProgram.Require("openssl", "openssl");
        using var folder = new ReadersFolder();
        var commands = DocumentedCommand.All()
            .Where(static command => CommandClaims.Of(command)?.Test == nameof(IdentityGuideTests))
            .Select(static command => command.Text).ToList();
        await folder.RunAsync(string.Join('\n', commands[..^1]));
        var relay = $"127.0.0.1:{Ports.FreeUdp()}";
        await using var node = folder.Start(
            $"relay-node -a {relay} --tls-cert-path cert.pem --tls-private-key-path key.pem --client-auth-root-cert-path roots.pem "
            + "--allow-target 127.0.0.0/8");
        await node.Log.WaitForAsync("listening on", Limits.Start);
        var probe = commands[^1].Replace("relay.example:443", $"{relay} --server-name relay.example --ca ca.pem", StringComparison.Ordinal);
        await folder.RunAsync(probe);
        // Without the certificate the same is refused.
        await using var stranger = folder.Start(probe[..probe.IndexOf(" --cert", StringComparison.Ordinal)]);
        Assert.NotEqual(0, await stranger.WaitForExitAsync(Limits.Exchange));
    }
}
