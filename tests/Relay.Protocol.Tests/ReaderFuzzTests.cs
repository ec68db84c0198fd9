using System.Text;

namespace Relay.Protocol.Tests;

/// <summary>
/// No reader throws on any input, and none looks beyond it: what it finds does not depend on the bytes around.
/// </summary>
public class ReaderFuzzTests
{
    private const int Iterations = 5_000;

    private delegate string Target(ReadOnlySpan<byte> input);

    private static readonly Dictionary<string, Target> Targets = new()
    {
        ["varint"] = input => $"{VariableLengthInteger.TryRead(input, out var v, out var c)} {v} {c}",
        ["datagram"] = input => $"{HttpDatagram.Read(input, out var q, out var c)} {q} {c}",
        ["context"] = input => $"{HttpDatagram.ReadContextId(input, out var id, out var c)} {id} {c}",
        ["capsule-header"] = input => $"{Capsule.TryReadHeader(input, out var t, out var l, out var c)} {t} {l} {c}",
        ["capsules"] = input => string.Join(' ', CapsuleStream.ReadAll(new CapsuleReader(), input.ToArray())),
        ["authority"] = input => $"{TargetAuthority.TryParse(input, out var target)} {target}",
        ["host"] = input => $"{TargetAuthority.TryCreate(input, 53, out var target)} {target}",
        ["path"] = input => $"{ConnectUdpTemplate.Default.TryParsePath(input, out var target)} {target}",
        ["template"] = static input =>
            $"{ConnectUdpTemplate.TryParse(Encoding.Latin1.GetString(input), out var template, out var error)} {template}",
        ["request"] = Request,
        ["http1"] = Http1RequestTests.Describe,
        ["dcid"] = Destination,
        ["cid"] = input => $"{ConnectionIdLayout.TryRead(input, out var loop, out var node)} {loop} {node}",
    };

    private static readonly byte[][] Seeds =
    [
        [],
        "example.com:443"u8.ToArray(),
        "[2001:db8::42]:443"u8.ToArray(),
        "::ffff:192.0.2.1"u8.ToArray(),
        "/.well-known/masque/udp/2001%3Adb8%3A%3A42/443/"u8.ToArray(),
        "/.well-known/masque/udp/192.0.2.6/443/"u8.ToArray(),
        "/a{?target_host}&b={target_port}.c"u8.ToArray(),
        ":method=CONNECT|:authority=example.com:443|proxy-authorization=Basic YQ=="u8.ToArray(),
        Encoding.ASCII.GetBytes(
            ":method=CONNECT|:protocol=connect-udp|:scheme=https|:authority=a|:path=/.well-known/masque/udp/a/1/"),
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\nearly"u8.ToArray(),
        Encoding.ASCII.GetBytes(
            "GET https://a/.well-known/masque/udp/a/1/ HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
            + "Upgrade: connect-udp\r\n\r\n"),
        Convert.FromHexString("C300000001088394C8F03E5157080000449E00000002"),
        Convert.FromHexString("0003000102174004DEADBEEF0000C0000000000000000400FFFFFF"),
        Convert.FromHexString("00800100000100"),
        Convert.FromHexString("CFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"),
    ];

    public static TheoryData<string> Names => [.. Targets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Readers_AnyBytes_NeitherThrowNorLookBeyond(string name)
    {
        var target = Targets[name];
        var random = new Random(9297);
        for (var i = 0; i < Iterations; i++)
        {
            var input = Next(random);
            var expected = target(input);
            foreach (var filler in (byte[])[0x00, 0xFF, (byte)'1'])
            {
                var padded = new byte[input.Length + 32];
                Array.Fill(padded, filler);
                input.CopyTo(padded.AsSpan(16));
                Assert.Equal(expected, target(padded.AsSpan(16, input.Length)));
            }
        }
    }

    [Fact]
    public void CapsuleReader_AnyBytesHoweverCut_FindsTheSame()
    {
        var random = new Random(3);
        for (var i = 0; i < Iterations; i++)
        {
            var input = Next(random);
            var whole = new CapsuleReader();
            var cut = new CapsuleReader();

            Assert.Equal(
                CapsuleStream.ReadAll(whole, input),
                CapsuleStream.ReadAll(cut, CapsuleStream.Cut(input, random, 1 + random.Next(8))));
            Assert.Equal(whole.IsAtBoundary, cut.IsAtBoundary);
        }
    }

    // Half of the inputs are noise, half a valid one with a few bytes changed, dropped or added.
    private static byte[] Next(Random random)
    {
        if (random.Next(2) == 0)
        {
            var noise = new byte[random.Next(64)];
            random.NextBytes(noise);
            return noise;
        }

        var bytes = Seeds[random.Next(Seeds.Length)].ToList();
        for (var edits = random.Next(4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(3))
            {
                case 0 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when at < bytes.Count:
                    bytes.RemoveRange(at, random.Next(bytes.Count - at));
                    break;
                default:
                    bytes.Insert(at, (byte)":/.[]%01=|\0\xFF \r\n,{}?&"[random.Next(20)]);
                    break;
            }
        }

        return [.. bytes];
    }

    private static string Request(ReadOnlySpan<byte> input)
    {
        var headers = new RequestHeaders(200);
        foreach (var range in input.Split((byte)'|'))
        {
            var field = input[range];
            var separator = field.IndexOf((byte)'=');
            if (separator < 0)
                headers.Add(field, default);
            else
                headers.Add(field[..separator], field[(separator + 1)..]);
        }

        return ConnectRequest.Evaluate(headers).ToString();
    }

    private static string Destination(ReadOnlySpan<byte> input)
    {
        var found = ConnectionIdLayout.TryReadDestination(input, out var id);
        ConnectionIdLayout.TryReadVersion(input, out var version);
        return $"{found} {Convert.ToHexString(id)} {version}";
    }
}
