using System.Net.Sockets;
using Relay.Interop.Tests.Identity;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Tls;

/// <summary>The port of TCP that goes with the one of UDP, or not.</summary>
public sealed class PortTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task NoTcp_IsRefusedByTcp_AndServesHttp3()
    {
        await using var relay = await RelayProcess.StartAsync(_authority, "--no-tcp");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var refusal = await Assert.ThrowsAsync<SocketException>(
            async () => await socket.ConnectAsync(IPAddress.Loopback, relay.Port, TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode);
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, _folder.Write("ca.pem", _authority.Pem)));
        await relay.StopAsync();
    }

    [Fact]
    public async Task Tcp_OfAnother_KeepsTheNodeFromStarting_UnlessItIsNotWanted()
    {
        using var other = new TcpListener(IPAddress.Loopback, Ports.FreeTcp());
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        using var certificate = _authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(_folder, "relay", certificate);

        await using var node = OwnProgram.Start(
            "relay-node", "-a", $"127.0.0.1:{port}", "--tls-cert-path", files.Certificate,
            "--tls-private-key-path", files.Key);
        Assert.Equal(2, await node.WaitForExitAsync(Limits.Exchange));
        Assert.Matches(
            $"^relay-node: --address: TCP, .*127.0.0.1:{port}.*[Aa]ddress already in use.*--no-tcp",
            node.Log.Lines[^1]);

        await using var relay = await RelayProcess.StartAsync(files, port, "--no-tcp");
        Assert.True(await LoadProcess.ConnectsAsync(port, _folder.Write("ca.pem", _authority.Pem)));
        await relay.StopAsync();
    }
}
