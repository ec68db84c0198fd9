using System.Buffers;
using System.Text;
using Relay.Node.Credentials;
using Relay.Node.Diagnostics;
using Relay.Node.Http;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Http;

/// <summary>
/// A connection without a transport: the loop's turns, the node's limits, and what a carrier was told to do.
/// </summary>
internal sealed class FakeCarrier : IConnectionCarrier, IActor
{
    private static readonly DateTimeOffset Ended = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly List<FakeRequestStream> _streams = [];
    private readonly AccessLineWriter _lines = new(json: false);

    public FakeCarrier(Authenticator? authenticator = null)
    {
        Loop = new FakeLoop(Simulation);
        Connector = new FakeConnector(Simulation, Loop);
        var sessions = new SessionRegistry();
        Limits = new TunnelLimits(100, 100, sessions, egress: null);
        var context = new ConnectionContext(
            new LoopTunnels(Loop, OnTunnelEnded), Connector,
            new ConnectionTimeouts(
                Time.Seconds(600), Time.Seconds(120), new TcpTunnelTimeouts(Time.Seconds(30), Time.Seconds(10))))
        {
            Limits = Limits,
            Sessions = sessions,
            Authenticator = authenticator ?? new Authenticator(null, new ManualQueue(), TimeProvider.System),
            MaxFieldSection = 1000,
        };
        Client = new ClientConnection(context, this);
        Simulation.Add(this);
    }

    public Simulation Simulation { get; } = new();

    public FakeLoop Loop { get; }

    public FakeConnector Connector { get; }

    public TunnelLimits Limits { get; }

    public ClientConnection Client { get; }

    /// <summary>The access line of each tunnel that ended.</summary>
    public List<string> Access { get; } = [];

    /// <summary>What the carrier was told, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Requests that have not arrived in time.</summary>
    public int LateRequests { get; set; }

    public HttpProtocol Protocol => HttpProtocol.Http2;

    public IPEndPoint ClientEndPoint { get; } = new(IPAddress.Parse("198.51.100.1"), 50_000);

    public ulong SourceKey => 7;

    public ClientEnd End => Told.Contains("shutdown") ? ClientEnd.Connection : ClientEnd.Stream;

    public CloseFacts CloseFacts => default;

    public bool RefusedCertificate => false;

    public int StreamCount => _streams.Count(static stream => !stream.IsClosed);

    public ulong ProbeTimeout => Time.Milliseconds(100);

    public ulong Next => Loop.Timers.Next;

    public FakeRequestStream Ask(params (string Name, string Value)[] fields)
    {
        var stream = new FakeRequestStream(this);
        _streams.Add(stream);
        foreach (var (name, value) in fields)
            stream.Request.OnHeader(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value));
        stream.Request.OnHeadersComplete();
        return stream;
    }

    /// <summary>Goes on until a condition holds.</summary>
    public bool Run(Func<bool> until) => Simulation.Run(until, Time.Seconds(60));

    public bool Turn()
    {
        var busy = Loop.HasWork || Loop.Timers.Next <= Loop.Now;
        Loop.RunReady();
        Loop.Timers.Fire(Loop.Now);
        foreach (var stream in _streams)
            busy |= stream.Pull();
        Loop.RunFlushes();
        return busy;
    }

    public bool HasHeardSince(ulong time) => true;

    public void AskForLife(ulong after)
    {
    }

    public void AnnounceShutdown() => Told.Add("announce");

    public void RefuseRequests() => Told.Add("refuse");

    public void Shutdown() => Told.Add("shutdown");

    public void RefuseLoad() => Told.Add("load");

    public ulong ResetLateRequests(ulong openedBy, out int reset)
    {
        reset = LateRequests;
        LateRequests = 0;
        return ulong.MaxValue;
    }

    public void Sample()
    {
    }

    /// <summary>The connection is gone.</summary>
    public void Dispose()
    {
        foreach (var stream in _streams.Where(static stream => !stream.IsClosed))
            stream.Close();
        Client.Stop();
        Client.EndSession();
    }

    private void OnTunnelEnded(Tunnel tunnel)
    {
        Limits.Release(tunnel, Loop.Now);
        var line = new ArrayBufferWriter<byte>();
        _lines.Write(AccessRecord.Of(tunnel, Ended, Loop.Now, withTarget: false), line);
        Access.Add(Encoding.ASCII.GetString(line.WrittenSpan).TrimEnd());
    }
}
