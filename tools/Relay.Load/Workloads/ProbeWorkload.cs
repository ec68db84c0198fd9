using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Workloads;

/// <summary>Connects once, asks for a UDP and a TCP tunnel, and notes what the relay says.</summary>
internal sealed class ProbeWorkload(TargetAuthority target, TimeSpan timeout) : Workload
{
    private ulong _endAt;

    public ClientConnection? Connection { get; private set; }

    /// <summary>Until the relay's SETTINGS arrived, in nanoseconds.</summary>
    public ulong ReadyAfter { get; private set; }

    public ulong RoundTrip { get; private set; }

    public int PathMaximum { get; private set; }

    public int MaxDatagram { get; private set; }

    public uint QuicVersion { get; private set; }

    public TunnelStream? Udp { get; private set; }

    public TunnelStream? Tcp { get; private set; }

    public override (double Fraction, string Text) Progress => (-1, Connection is null ? "connecting" : "asking");

    public override void OnStart()
    {
        _endAt = Loop.Now + (ulong)(timeout.Ticks * 100);
        Loop.Connect();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        Connection = connection;
        ReadyAfter = Loop.Now - connection.StartedAt;
        QuicVersion = connection.Version;
        if (connection.TryOpen(RequestWriter.ConnectUdp(Loop.Config, target), Create, out var udp)
            && connection.TryOpen(RequestWriter.Connect(Loop.Config, target), Create, out var tcp))
            (Udp, Tcp) = (udp, tcp);
        else
            Fail("the relay allows fewer than two streams");
    }

    public override void OnTick()
    {
        if (Udp is null || Connection is null)
        {
            if (Loop.Now >= _endAt)
                Fail("no answer in time");
            return;
        }
        if ((!IsAnswered(Udp) || !IsAnswered(Tcp!)) && Loop.Now < _endAt)
            return;
        RoundTrip = Connection.Statistics.SmoothedRtt;
        PathMaximum = Connection.PathMaximum;
        MaxDatagram = Connection.MaxDatagram;
        Finish();
    }

    private static bool IsAnswered(TunnelStream tunnel) => tunnel.IsClosed || tunnel.IsOpen || tunnel.Status >= 300;

    private static ProbeTunnel Create(ClientConnection connection, long id) => new(connection, id);

    /// <summary>A tunnel that nothing is sent through.</summary>
    private sealed class ProbeTunnel(ClientConnection connection, long id) : TunnelStream(connection, id)
    {
        protected override void OnBody(ReadOnlySpan<byte> data) => Consume(data.Length);

        protected override int PullBody(Span<byte> destination) => 0;
    }
}
