using Relay.Native.Http3;

namespace Relay.Node.Tests.InMemory.World;

/// <content>Requests.</content>
internal sealed partial class TestClient
{
    /// <summary>Sends any header section.</summary>
    public TestStream Request(params (string Name, string Value)[] fields)
    {
        Assert.True(TryOpenStream(out var id), "The relay allows no more streams.");
        var headers = new HeaderBlock();
        foreach (var (name, value) in fields)
            headers.Add(System.Text.Encoding.ASCII.GetBytes(name), value);
        var stream = new TestStream(this, id);
        SubmitRequest(stream, headers);
        Wake();
        return stream;
    }

    /// <summary>CONNECT.</summary>
    public TestStream Connect(string authority = "target.test:80") =>
        Request((":method", "CONNECT"), (":authority", authority));

    /// <summary>Extended CONNECT for UDP, on the default template.</summary>
    public TestStream ConnectUdp(string host = "target.test", string port = "53", params (string, string)[] more) =>
        Request(
        [
            (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"),
            (":authority", "relay.test"), (":path", $"/.well-known/masque/udp/{host}/{port}/"),
            ("capsule-protocol", "?1"), .. more,
        ]);

    /// <summary>
    /// Whether the relay's credit allows another stream; opens it if so, without saying anything on it.
    /// </summary>
    public bool TryOpen(out long id) => TryOpenStream(out id);
}
