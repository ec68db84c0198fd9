using System.Net.Sockets;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Wire;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Origins;

/// <summary>
/// ngtcp2's example server: HTTP/3 and nothing else, by an implementation that knows nothing of relays.
/// </summary>
internal sealed class Http3Origin : IAsyncDisposable
{
    private readonly ChildProcess _server;

    private Http3Origin(ChildProcess server, int port) => (_server, Port) = (server, port);

    public int Port { get; }

    public string DirectAddress => $"https://{SiteNames.Direct}:{Port}";

    public string RelayedAddress => $"https://{SiteNames.BehindRelay}:{Port}";

    /// <summary>
    /// What makes Firefox speak HTTP/3 to the site from the first packet, as an HTTPS record in DNS would.
    /// </summary>
    public IReadOnlyDictionary<string, object> BrowserPreferences => new Dictionary<string, object>
    {
        ["network.http.http3.alt-svc-mapping-for-testing"] =
            $"{SiteNames.Direct};h3=:{Port},{SiteNames.BehindRelay};h3=:{Port}",
    };

    public OutputLog Log => _server.Log;

    /// <summary>
    /// Serves a folder on an IPv4 address, or 127.0.0.1, in a namespace or, without one, on the machine's own loopback.
    /// </summary>
    public static async Task<Http3Origin> StartAsync(
        NetworkNamespace? network, CertificateFiles certificate, string folder, string address = "127.0.0.1")
    {
        var program = InstalledProgram.Require("gtlsserver", "ngtcp2-server");
        var port = network is null ? Ports.FreeUdp() : network.Run(Ports.FreeUdp);
        string[] arguments =
        [
            "--no-quic-dump", "--no-http-dump", $"--htdocs={folder}",
            address, $"{port}", certificate.Key, certificate.Certificate,
        ];
        var server = network is null ? ChildProcess.Start(program, arguments) : network.Start(program, arguments);
        try
        {
            using var socket = network is null ? NewSocket() : network.Run(NewSocket);
            await VersionProbe.WaitForServerAsync(socket, IPEndPoint.Parse($"{address}:{port}"), Limits.Start);
            return new Http3Origin(server, port);
        }
        catch (TimeoutException unanswered)
        {
            await server.DisposeAsync();
            throw new TimeoutException(unanswered.Message + server.Log.Describe());
        }
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
}
