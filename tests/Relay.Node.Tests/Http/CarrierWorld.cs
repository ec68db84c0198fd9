using System.Buffers;
using System.Text;
using Relay.Node.Counters;
using Relay.Node.Credentials;
using Relay.Node.Diagnostics;
using Relay.Node.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http;

/// <summary>What is above a carrier: the loop's turns, the node's limits, and the tunnels that have ended.</summary>
internal sealed class CarrierWorld
{
    private static readonly DateTimeOffset Ended = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly AccessLineWriter _lines = new(json: false);

    /// <summary>The template of UDP tunnels that it has beside the default.</summary>
    public static ConnectUdpTemplate Template { get; } =
        ConnectUdpTemplate.TryParse("/masque{?target_host,target_port}", out var template, out var error)
            ? template : throw new FormatException(error);

    public CarrierWorld(Authenticator? authenticator = null)
    {
        Loop = new FakeLoop(Simulation);
        Connector = new FakeConnector(Simulation, Loop);
        var sessions = new SessionRegistry();
        Limits = new TunnelLimits(100, 100, sessions, egress: null);
        Context = new ConnectionContext(
            new LoopTunnels(Loop, OnTunnelEnded) { Unanswered = new() }, Connector,
            new ConnectionTimeouts(
                Time.Seconds(600), Time.Seconds(120), new TcpTunnelTimeouts(Time.Seconds(30), Time.Seconds(10))))
        {
            Limits = Limits,
            Sessions = sessions,
            Authenticator = authenticator ?? new Authenticator(null, new ManualQueue(), TimeProvider.System),
            MaxFieldSection = 1000,
            UdpTemplates = [Template],
        };
    }

    /// <summary>What is above the carriers of a node, which may have clients of HTTP/3 beside.</summary>
    public CarrierWorld(Network network)
    {
        Simulation = network.Simulation;
        (Loop, Connector, Context) = (network.Node.Loop, network.Node.Connector, network.Node.Context);
        Limits = Context.Limits;
    }

    public Simulation Simulation { get; } = new();

    public FakeLoop Loop { get; }

    public FakeConnector Connector { get; }

    public TunnelLimits Limits { get; }

    public ConnectionContext Context { get; }

    /// <summary>Defects of the relay: there must be none.</summary>
    public List<Exception> Defects => Loop.Defects;

    /// <summary>The access line of each tunnel that ended.</summary>
    public List<string> Access { get; } = [];

    /// <summary>How they ended, in order.</summary>
    public List<string> Outcomes { get; } = [];

    private void OnTunnelEnded(Tunnel tunnel)
    {
        Outcomes.Add(TunnelOutcomeNames.Of(tunnel.Outcome));
        Limits.Release(tunnel, Loop.Now);
        var line = new ArrayBufferWriter<byte>();
        _lines.Write(AccessRecord.Of(tunnel, Ended, Loop.Now, withTarget: false), line);
        Access.Add(Encoding.ASCII.GetString(line.WrittenSpan).TrimEnd());
    }
}
