using System.Text;
using Relay.Native.Http2;
using Relay.Native.Http3;

namespace Relay.Node.Tests.Http2;

/// <summary>A client's side of HTTP/2, as the engine has it: opens tunnels, and knows what it was told.</summary>
internal sealed class ClientSession(Http2Parameters parameters) : Http2Session(server: false, parameters)
{
    /// <summary>Codes of GOAWAY, in order.</summary>
    public List<uint> GoAways { get; } = [];

    public int Pongs { get; private set; }

    public ClientStream Connect() => Ask((":method", "CONNECT"), (":authority", "target.test:80"));

    public ClientStream ConnectUdp() => Ask(
        (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
        (":path", "/.well-known/masque/udp/target.test/53/"), ("capsule-protocol", "?1"));

    public ClientStream Ask(params (string Name, string Value)[] fields)
    {
        var block = new HeaderBlock();
        foreach (var (name, value) in fields)
            block.Add(Encoding.ASCII.GetBytes(name), value);
        var stream = new ClientStream(this);
        SubmitRequest(stream, block);
        return stream;
    }

    protected override void OnGoAway(uint errorCode) => GoAways.Add(errorCode);

    protected override void OnPong() => Pongs++;
}
