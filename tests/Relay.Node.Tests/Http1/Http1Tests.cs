using System.Text;
using Relay.Node.Credentials;
using Relay.Node.Http1;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Streams;

namespace Relay.Node.Tests.Http1;

/// <summary>A client of HTTP/1.1 in memory: what it sends, and what it has.</summary>
public abstract class Http1Tests : IDisposable
{
    private protected const string Host = "Host: relay.test\r\n";
    private protected const string AltSvc = "Alt-Svc: h3=\":443\"\r\n";
    private protected const string Connect = "CONNECT target.test:80 HTTP/1.1\r\n" + Host + "\r\n";
    private protected const string ConnectUdp =
        "GET /.well-known/masque/udp/target.test/53/ HTTP/1.1\r\n" + Host
        + "Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n\r\n";
    private protected const string Connected =
        "HTTP/1.1 200 OK\r\nProxy-Status: relay-node; next-hop=\"192.0.2.1:443\"\r\n" + AltSvc + "\r\n";
    private protected const string Upgraded =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n"
        + "Proxy-Status: relay-node; next-hop=\"192.0.2.1:443\"\r\n" + AltSvc + "\r\n";

    private ProtocolCarrier? _carrier;

    private protected Authenticator? Authenticator { get; set; }

    private protected ProtocolCarrier Carrier => _carrier ??= Create();

    private protected CarrierWorld World => Carrier.World;

    private protected Http1Protocol Protocol => (Http1Protocol)Carrier.HttpProtocol;

    /// <summary>Everything that the client got.</summary>
    private protected List<byte> Got { get; } = [];

    private protected string GotText => Encoding.Latin1.GetString([.. Got]);

    public void Dispose()
    {
        _carrier?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends in records; what the relay does not take must not be sent.</summary>
    private protected void Send(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var length = Math.Min(data.Length, StreamProtocol.MaxPiece);
            Carrier.Receive(data[..length]);
            data = data[length..];
        }
    }

    /// <summary>Lets everything happen that does so now.</summary>
    private protected void Settle() => Carrier.Run(static () => true);

    /// <summary>Opens a tunnel, whose answer is taken.</summary>
    private protected void Open(bool udp)
    {
        Send(udp ? ConnectUdp : Connect);
        Settle();
        Assert.Equal(udp ? Upgraded : Connected, GotText);
        Got.Clear();
    }

    private protected void AssertClean()
    {
        Assert.True(Carrier.IsClosed);
        Assert.Equal((0, 0L, 0), (Carrier.Client.TunnelCount, World.Limits.Tunnels, Carrier.StreamCount));
    }

    /// <summary>The same, and so the tunnel that there was has ended.</summary>
    private protected void AssertEnded(string outcome, bool reset)
    {
        Assert.Equal(reset, Carrier.WasReset);
        AssertClean();
        Assert.Contains($" outcome={outcome} ", Assert.Single(World.Access), StringComparison.Ordinal);
    }

    /// <summary>Begins anew.</summary>
    private protected void Renew()
    {
        _carrier?.Dispose();
        _carrier = null;
        Got.Clear();
    }

    private ProtocolCarrier Create()
    {
        var carrier = new ProtocolCarrier(static (client, stream) => new Http1Protocol(client, stream), new CarrierWorld(Authenticator));
        carrier.Wrote = piece => Got.AddRange(piece.Span);
        return carrier;
    }
}
