using System.Net.Sockets;
using System.Text.RegularExpressions;
using Relay.Interop.Tests.Curl;
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

    // The kernel deals connections out by their addresses and ports.
    [Fact]
    public async Task EachAddress_IsServedByEachLoop_OverBothFamilies()
    {
        Assert.SkipUnless(CanBind(IPAddress.IPv6Loopback), "There is no ::1 here.");
        await using var world = await CurlWorld.StartAsync(
            "--workers", "2", "-a", $"127.0.0.1:{Ports.FreeTcp()}", "-a", $"[::1]:{Ports.FreeTcp()}");
        await world.Relay.Log.WaitForAsync(@"\blistening on \S+ with", Limits.Start, count: 3);
        var addresses = world.Relay.Log.Lines.Select(static line => Regex.Match(line, @"\blistening on (\S+) with"))
            .Where(static match => match.Success).Select(static match => IPEndPoint.Parse(match.Groups[1].Value)).ToArray();
        Assert.Equal(3, addresses.Length);
        var established = 0;
        foreach (var address in addresses)
        {
            for (var loops = new HashSet<string>(); loops.Count < 2;)
            {
                using var client = await TlsClient.ConnectAsync(address, "h2", world.Trust);
                await world.Relay.Log.WaitForAsync("established on loop", Limits.Exchange, ++established);
                loops.Add(world.Relay.Log.Lines.Select(static line => Regex.Match(line, @"established on loop (\d)"))
                    .Last(static match => match.Success).Value);
            }
        }
        await world.Relay.StopAsync();
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
        Assert.Equal(1, await node.WaitForExitAsync(Limits.Exchange));
        Assert.Matches(
            $"^relay-node: --address: TCP, .*127.0.0.1:{port}.*[Aa]ddress already in use.*--no-tcp",
            node.Log.Lines[^1]);

        await using var relay = await RelayProcess.StartAsync(files, port, "--no-tcp");
        Assert.True(await LoadProcess.ConnectsAsync(port, _folder.Write("ca.pem", _authority.Pem)));
        await relay.StopAsync();
    }

    private static bool CanBind(IPAddress address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
