using System.Collections.Concurrent;
using System.Text;
using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Forward;

/// <summary>A UDP tunnel at the terminal: each line typed is a datagram, each datagram is printed as a line.</summary>
internal sealed class UdpLineWorkload(TargetAuthority target, TimeSpan wait) : Workload, IUdpForwarder
{
    private readonly ConcurrentQueue<byte[]> _lines = new();
    private readonly Stream _output = Console.OpenStandardOutput();
    private UdpForwardTunnel? _tunnel;
    private volatile bool _inputEnded;
    private ulong _endAt;

    public override void OnStart() => Loop.Connect();

    public override void OnConnectionReady(ClientConnection connection)
    {
        if (connection.WhyNoUdp is { } reason)
        {
            Fail(reason);
            return;
        }
        var request = TunnelRequest.Udp(Loop.Config, target);
        if (!connection.TryOpen(
                request, c => new UdpForwardTunnel(c, this, new DatagramQueue(int.MaxValue)), out var tunnel))
        {
            Fail("the relay allows no streams");
            return;
        }
        _tunnel = (UdpForwardTunnel)tunnel!;
        new Thread(ReadLines) { Name = "standard input", IsBackground = true }.Start();
    }

    public override void OnTunnelRefused(TunnelStream tunnel) =>
        Fail($"the tunnel was refused: {tunnel.DescribeAnswer()}");

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        if (!IsFinished)
            Fail($"the tunnel ended: {tunnel.DescribeEnd()}");
    }

    public override void OnTurn()
    {
        while (_tunnel is not null && _lines.TryDequeue(out var line))
        {
            _tunnel.TrySend(line);
            _endAt = 0;
        }
        if (_tunnel is not { IsOpen: true } || !_inputEnded)
            return;
        // Answers may still be on their way.
        if (_endAt == 0)
            _endAt = Loop.Now + (ulong)(wait.Ticks * 100);
        else if (Loop.Now >= _endAt)
            Finish();
    }

    public void OnPayload(UdpForwardTunnel tunnel, ReadOnlySpan<byte> payload)
    {
        _output.Write(payload);
        _output.Write("\n"u8);
        _output.Flush();
    }

    public void OnTooLarge(UdpForwardTunnel tunnel, int length) =>
        Console.Error.WriteLine($"relay-load: {Workloads.SizeText.TooLarge(tunnel, length)}");

    private void ReadLines()
    {
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        while (input.ReadLine() is { } line)
        {
            _lines.Enqueue(Encoding.UTF8.GetBytes(line));
            Loop.Wake();
        }
        _inputEnded = true;
        Loop.Wake();
    }
}
