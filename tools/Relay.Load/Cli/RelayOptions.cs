using System.CommandLine;
using Relay.Load.Client;
using Relay.Native.Tls;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>The options that say which relay to use, and how.</summary>
internal sealed class RelayOptions
{
    private const uint Version1 = 1;
    private const uint Version2 = 0x6b3343cf; // RFC 9369 §3.1

    private readonly LoadOption<string> _relay = new("--relay",
        "The relay: HOST:PORT, port 443 if left out.")
    {
        Aliases = { "-r" },
        Required = true,
    };

    private readonly LoadOption<string?> _serverName = new("--server-name",
        "The name in the relay's certificate; the relay's host if left out.");

    private readonly LoadOption<string?> _ca = new("--ca", "File of trusted certificates (PEM); the system's if left out.");

    private readonly LoadOption<bool> _insecure = new("--insecure", "Accept any certificate.") { Aliases = { "-k" } };

    private readonly LoadOption<string?> _cert = new("--cert",
        "File of the client's certificate chain (PEM), for a relay that asks for one; with --key.");

    private readonly LoadOption<string?> _key = new("--key", "File of the certificate's private key (PEM).");

    private readonly LoadOption<int?> _http = new("--http",
        "The version of HTTP: 3, or over TLS and TCP 2, or 1 with a connection for each tunnel.");

    private readonly LoadOption<Carrier> _carrier = new("--carrier",
        "What carries UDP payloads: QUIC datagrams, capsules on the stream as curl does, or both mixed. Over TCP: capsules.");

    private readonly LoadOption<bool> _optimistic = new("--optimistic",
        "Send UDP payloads with the request, before its answer. Not with HTTP/1.1.");

    private readonly LoadOption<int> _quic = new("--quic", "QUIC version: 1 or 2. With HTTP/3 alone.", 1);

    private readonly LoadOption<int> _maxPacket = new("--max-packet",
        "The largest UDP payload to send, 1200 to 1500 bytes or more where the path has the room. With HTTP/3 alone.", 1452);

    private readonly LoadOption<ClientProfile> _profile = new("--profile",
        "How packets are exchanged: in batches, which spares the client work and the relay acknowledgements, or plainly, as "
        + "most clients do: one a call, and an acknowledgement for every second. With HTTP/3 alone.");

    private readonly LoadOption<string[]> _fields = new("--header",
        "A field 'name: value' for every request, such as proxy-authorization; repeatable.", [])
    {
        Aliases = { "-H" },
    };

    private readonly LoadOption<string?> _template = new("--template",
        "Path template of UDP tunnels, with {target_host} and {target_port}.");

    public static string VersionName(uint version) => version switch
    {
        Version1 => "v1",
        Version2 => "v2",
        _ => $"0x{version:x}",
    };

    public void AddTo(Command command) => command.Takes(
        _relay, _http, _serverName, _ca, _insecure, _cert, _key, _carrier, _optimistic, _quic, _maxPacket, _profile,
        _fields, _template);

    /// <summary>The version that was asked for; null where none was.</summary>
    public HttpProtocol? Protocol(ParseResult result) => result.GetValue(_http) switch
    {
        null => null,
        1 => HttpProtocol.Http11,
        2 => HttpProtocol.Http2,
        3 => HttpProtocol.Http3,
        _ => throw new UsageException("--http is 1, 2 or 3."),
    };

    public ClientConfig Read(ParseResult result)
    {
        var protocol = Protocol(result) ?? HttpProtocol.Http3;
        if (protocol != HttpProtocol.Http3)
            RefuseQuic(result, protocol);
        var insecure = result.GetValue(_insecure);
        var ca = result.GetValue(_ca);
        if (insecure && ca is not null)
            throw new UsageException("--insecure and --ca contradict each other.");
        var (cert, key) = (result.GetValue(_cert), result.GetValue(_key));
        if (cert is null != key is null)
            throw new UsageException("--cert and --key belong together.");
        var maxPacket = result.GetValue(_maxPacket);
        if (maxPacket is < 1200 or > 65527)
            throw new UsageException("--max-packet is 1200 to 65527.");
        var (endpoint, host) = Values.Relay(result.GetRequiredValue(_relay));
        var config = new ClientConfig
        {
            Relay = endpoint,
            ServerName = result.GetValue(_serverName) ?? host,
            Tls = TlsContext.CreateClient(ReadFile(ca), !insecure, ReadFile(cert), ReadFile(key)),
            Protocol = protocol,
            Carrier = protocol == HttpProtocol.Http3 ? result.GetValue(_carrier) : Carrier.Capsule,
            Optimistic = result.GetValue(_optimistic),
            MaxUdpPayload = maxPacket,
            Profile = result.GetValue(_profile),
            QuicVersion = result.GetValue(_quic) switch
            {
                1 => Version1,
                2 => Version2,
                _ => throw new UsageException("--quic is 1 or 2."),
            },
            Fields = [.. result.GetValue(_fields)!.Select(Values.Field)],
        };
        return result.GetValue(_template) is { } template ? config with { PathTemplate = template } : config;
    }

    /// <summary>Refuses what makes sense with QUIC alone.</summary>
    private void RefuseQuic(ParseResult result, HttpProtocol protocol)
    {
        foreach (var option in (Option[])[_quic, _maxPacket, _profile])
        {
            if (result.GetResult(option) is { Implicit: false })
                throw new UsageException($"{option.Name} is of QUIC, which --http {HttpProtocolNames.MajorOf(protocol)} does without.");
        }
        if (result.GetResult(_carrier) is { Implicit: false } && result.GetValue(_carrier) != Carrier.Capsule)
            throw new UsageException($"--carrier is Capsule with --http {HttpProtocolNames.MajorOf(protocol)}: TCP has no datagrams.");
        // Until its 101 an HTTP/1.1 server reads requests, and could take a payload for one.
        if (protocol == HttpProtocol.Http11 && result.GetValue(_optimistic))
            throw new UsageException("--optimistic is not for --http 1: what comes before the answer could be taken for a request.");
    }

    private static byte[] ReadFile(string? path) => path is null ? [] : File.ReadAllBytes(path);
}
