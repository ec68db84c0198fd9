using System.Globalization;
using System.Text.RegularExpressions;
using Relay.Testing.Quic;

namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>One run of the client, read from what it printed.</summary>
internal sealed class GtlsRun(OutputLog log)
{
    public bool Handshaken => Matches("^QUIC handshake has been confirmed").Any();

    public string? Alpn => Values("^Negotiated ALPN is (.+)$").SingleOrDefault();

    public string? Cipher => Values("^Negotiated cipher suite is (.+)$").SingleOrDefault();

    public string? Group => Values("^Negotiated group is (.+)$").SingleOrDefault();

    /// <summary>The versions that were negotiated, one for each connection that the client tried.</summary>
    public uint[] Versions => [.. Values(" con the negotiated version is 0x([0-9a-f]{8})").Select(Hex)];

    /// <summary>The versions that the server listed in a Version Negotiation packet.</summary>
    public uint[] OfferedVersions => [.. Values(" pkt rx 0 VN v=0x([0-9a-f]{8})").Select(Hex)];

    /// <summary>The response's status for each request, in the order the answers came.</summary>
    public string[] Statuses => [.. Values(@"^http: stream 0x[0-9a-f]+ \[:status: (\d+)\]")];

    /// <summary>The response's fields, pseudo-header fields included, as "name: value".</summary>
    public string[] ResponseFields =>
        [.. Values(@"^http: stream 0x[0-9a-f]+ \[(.+)\]$")];

    /// <summary>
    /// The server's HTTP/3 settings, read from the bytes of its control stream: the client prints as 0 what a client
    /// has no use for, whatever came.
    /// </summary>
    public IReadOnlyDictionary<ulong, ulong> Settings => ControlStream.ReadSettings(StreamBytes(3));

    /// <summary>The server's transport parameters that are numbers.</summary>
    public IReadOnlyDictionary<string, long> TransportParameters =>
        Pairs(@" remote transport_parameters (\w+)=(\d+)$");

    /// <summary>The local ports that the client sent from, in order.</summary>
    public string[] LocalPorts => [.. Values(@"^Sent packet: local=\[127\.0\.0\.1\]:(\d+)").Distinct()];

    /// <summary>How many bytes of the TLS handshake the server sent after its hello: its certificate, or not.</summary>
    public int HandshakeBytes => Values(@" frm rx \d+ Handshake CRYPTO\(.*len=(\d+)").Sum(int.Parse);

    /// <summary>What the client printed, for a failure's message.</summary>
    public string Output => log.Describe();

    public bool Received(string frame) => Matches($@" frm rx \d+ \w+ {frame}\(").Any();

    public bool Printed(string pattern) => Matches(pattern).Any();

    /// <summary>Everything that must hold of a run in which one request was answered with this status.</summary>
    public void AssertAnswered(string status)
    {
        Assert.True(Handshaken, $"The handshake was not confirmed. {Output}");
        Assert.Equal("h3", Alpn);
        Assert.True(Statuses is [var only] && only == status, $"Expected one answer with status {status}. {Output}");
    }

    private IEnumerable<Match> Matches(string pattern) =>
        log.Lines.Select(line => Regex.Match(line, pattern)).Where(match => match.Success);

    private IEnumerable<string> Values(string pattern) => Matches(pattern).Select(match => match.Groups[1].Value);

    private Dictionary<string, long> Pairs(string pattern) => Matches(pattern).ToDictionary(
        match => match.Groups[1].Value, match => long.Parse(match.Groups[2].Value));

    /// <summary>
    /// The bytes of a stream, which are printed in lines of 16 after a heading for each piece that came.
    /// </summary>
    private byte[] StreamBytes(int stream)
    {
        var bytes = new List<byte>();
        var inside = false;
        foreach (var line in log.Lines)
        {
            var dump = Regex.Match(line, @"^[0-9a-f]{8}  ((?:[0-9a-f]{2} +)+)\|");
            if (dump.Success && inside)
                bytes.AddRange(Convert.FromHexString(dump.Groups[1].Value.Replace(" ", "", StringComparison.Ordinal)));
            else if (!dump.Success)
                inside = line == $"Ordered STREAM data stream_id=0x{stream:x}";
        }

        return [.. bytes];
    }

    private static uint Hex(string digits) => uint.Parse(digits, NumberStyles.HexNumber);
}
