using System.Text;
using Relay.Node.Credentials;
using Relay.Node.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Http;

/// <summary>
/// A connection without a transport, in a world of its own: what a carrier was told to do.
/// </summary>
internal sealed class FakeCarrier : IConnectionCarrier, IActor
{
    private readonly List<FakeRequestStream> _streams = [];
    private readonly CarrierWorld _world;

    public FakeCarrier(Authenticator? authenticator = null)
    {
        _world = new CarrierWorld(authenticator);
        Client = new ClientConnection(_world.Context, this);
        Simulation.Add(this);
    }

    public Simulation Simulation => _world.Simulation;

    public FakeLoop Loop => _world.Loop;

    public FakeConnector Connector => _world.Connector;

    public TunnelLimits Limits => _world.Limits;

    public ClientConnection Client { get; }

    /// <summary>The access line of each tunnel that ended.</summary>
    public List<string> Access => _world.Access;

    /// <summary>What the carrier was told, in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>What its end throws.</summary>
    public Exception? BreakFault { get; set; }

    /// <summary>What its end in order throws.</summary>
    public Exception? ShutdownFault { get; set; }

    /// <summary>What it throws when it is asked what nobody has taken.</summary>
    public Exception? UnconsumedFault { get; set; }

    /// <summary>What it throws when it is disposed, before anything is done.</summary>
    public Exception? DisposeFault { get; set; }

    /// <summary>Requests that have not arrived in time.</summary>
    public int LateRequests { get; set; }

    public HttpProtocol Protocol => HttpProtocol.Http2;

    public IPEndPoint ClientEndPoint { get; } = new(IPAddress.Parse("198.51.100.1"), 50_000);

    public ulong SourceKey => 7;

    public ClientEnd End => Told.Contains("shutdown") ? ClientEnd.Connection : ClientEnd.Stream;

    public CloseFacts CloseFacts => default;

    public bool RefusedCertificate => false;

    public void CloseStreams(int most)
    {
    }

    public int StreamCount => _streams.Count(static stream => !stream.IsClosed);

    public long Unconsumed => UnconsumedFault is null ? 0 : throw UnconsumedFault;

    public ulong ProbeTimeout => Time.Milliseconds(100);

    public ulong Next => Loop.Timers.Next;

    public void Break()
    {
        Told.Add("break");
        if (BreakFault is not null)
            throw BreakFault;
    }

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

    public void Shutdown()
    {
        Told.Add("shutdown");
        if (ShutdownFault is not null)
            throw ShutdownFault;
    }

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
        if (DisposeFault is { } fault)
        {
            DisposeFault = null;
            throw fault;
        }
        foreach (var stream in _streams.Where(static stream => !stream.IsClosed))
            stream.Close();
        Client.Stop();
        Client.EndSession();
    }
}
