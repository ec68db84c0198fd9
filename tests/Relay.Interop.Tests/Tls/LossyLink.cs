using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Relay.Interop.Tests.Relays;
using Relay.Node.Options;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// A relay and its clients' machines, each in a network of its own, and a link from each to the relay's. A machine that
/// leaves its network says nothing of it.
/// </summary>
internal sealed class LossyLink : IAsyncDisposable
{
    private const string Relay = "10.64.0.1";

    /// <summary>
    /// A machine's, by which it is known for good: what is lost is lost without a word, and not "unreachable".
    /// </summary>
    private const string Hardware = "02:00:00:00:00:02";

    private readonly List<NetworkNamespace> _machines = [];
    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly X509Certificate2 _trust;
    private readonly NetworkNamespace _host;

    private LossyLink(NetworkNamespace host)
    {
        _host = host;
        _trust = X509CertificateLoader.LoadCertificate(Encoding.ASCII.GetBytes(_authority.Pem));
    }

    public NodeInProcess Node { get; private set; } = null!;

    /// <summary>Makes the networks, or skips the test where that is not permitted.</summary>
    /// <param name="change">Of what the relay has by default.</param>
    public static async Task<LossyLink> StartAsync(Func<NodeConfig, NodeConfig> change) =>
        await new LossyLink(await NetworkNamespace.CreateAsync()).ReadyAfterAsync(async link =>
        {
            await link._host.ShellAsync($"ip address add {Relay}/32 dev lo");
            link.Node = link._host.Run(() => NodeInProcess.Start(
                link._authority, link._folder, workers: 1,
                change: config => change(config with { Addresses = [new IPEndPoint(IPAddress.Parse(Relay), 443)] })));
        });

    /// <summary>A client's machine, and the way to it.</summary>
    public async Task<Machine> AddAsync()
    {
        var number = _machines.Count + 1;
        var network = await NetworkNamespace.CreateAsync();
        _machines.Add(network);
        var (address, link) = ($"10.64.{number}.2", $"client{number}");
        await _host.ShellAsync($"""
            ip link add {link} type veth peer name eth0 address {Hardware} netns {network.Id}
            ip address add 10.64.{number}.1/24 dev {link}
            ip link set {link} up
            ip neighbour replace {address} lladdr {Hardware} dev {link} nud permanent
            """);
        await network.ShellAsync($"""
            ip address add {address}/24 dev eth0
            ip link set eth0 up
            ip route add default via 10.64.{number}.1
            """);
        return new Machine(this, network, address);
    }

    /// <summary>A target where the relay is.</summary>
    public TcpListener Listen() => _host.Run(() =>
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    });

    public async ValueTask DisposeAsync()
    {
        if (Node is not null)
            await Node.DisposeAsync();
        foreach (var machine in _machines)
            await machine.DisposeAsync();
        await _host.DisposeAsync();
        _trust.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    /// <summary>A client's machine.</summary>
    internal sealed class Machine(LossyLink link, NetworkNamespace network, string address)
    {
        /// <summary>It leaves its network: what is sent to it is lost, and it can send nothing.</summary>
        public Task VanishAsync() => network.ShellAsync($"ip address del {address}/24 dev eth0");

        /// <summary>Connects to the relay and shakes hands.</summary>
        public async Task<SslStream> ConnectAsync(SslApplicationProtocol protocol)
        {
            using var deadline = Eventually.Deadline(Limits.Exchange);
            var socket = network.Run(static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            await socket.ConnectAsync(IPAddress.Parse(Relay), 443, deadline.Token);
            return await TlsClient.ShakeHandsAsync(socket, protocol, link._trust, deadline.Token);
        }
    }
}
