using System.CommandLine;
using Relay.Load.Client;
using Relay.Native.GnuTls;

namespace Relay.Load.Cli;

/// <summary>The options that say which relay to use, and how.</summary>
internal sealed class RelayOptions
{
    private const uint Version1 = 1;
    private const uint Version2 = 0x6b3343cf; // RFC 9369 §3.1

    private readonly Option<string> _relay = new("--relay", "-r")
    {
        Description = "The relay: HOST:PORT, port 443 if left out.",
        Required = true,
    };

    private readonly Option<string?> _serverName = new("--server-name")
    {
        Description = "The name in the relay's certificate; the relay's host if left out.",
    };

    private readonly Option<string?> _ca = new("--ca")
    {
        Description = "File of trusted certificates (PEM); the system's if left out.",
    };

    private readonly Option<bool> _insecure = new("--insecure", "-k") { Description = "Accept any certificate." };

    private readonly Option<string?> _cert = new("--cert")
    {
        Description = "File of the client's certificate chain (PEM), for a relay that asks for one; with --key.",
    };

    private readonly Option<string?> _key =
        new("--key") { Description = "File of the certificate's private key (PEM)." };

    private readonly Option<Carrier> _carrier = new("--carrier")
    {
        Description = "What carries UDP payloads: QUIC datagrams, capsules on the stream as curl does, or both mixed.",
    };

    private readonly Option<bool> _optimistic = new("--optimistic")
    {
        Description = "Send UDP payloads with the request, before its answer.",
    };

    private readonly Option<int> _quic = new("--quic")
    {
        Description = "QUIC version: 1 or 2.",
        DefaultValueFactory = _ => 1,
    };

    private readonly Option<int> _maxPacket = new("--max-packet")
    {
        Description = "The largest UDP payload to send, 1200 to 1500 bytes or more where the path has the room.",
        DefaultValueFactory = _ => 1452,
    };

    private readonly Option<string[]> _fields = new("--header", "-H")
    {
        Description = "A field 'name: value' for every request, such as proxy-authorization; repeatable.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _template = new("--template")
    {
        Description = "Path template of UDP tunnels, with {target_host} and {target_port}.",
    };

    public static string VersionName(uint version) => version switch
    {
        Version1 => "v1",
        Version2 => "v2",
        _ => $"0x{version:x}",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_relay);
        command.Options.Add(_serverName);
        command.Options.Add(_ca);
        command.Options.Add(_insecure);
        command.Options.Add(_cert);
        command.Options.Add(_key);
        command.Options.Add(_carrier);
        command.Options.Add(_optimistic);
        command.Options.Add(_quic);
        command.Options.Add(_maxPacket);
        command.Options.Add(_fields);
        command.Options.Add(_template);
    }

    public ClientConfig Read(ParseResult result)
    {
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
            Carrier = result.GetValue(_carrier),
            Optimistic = result.GetValue(_optimistic),
            MaxUdpPayload = maxPacket,
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

    private static byte[] ReadFile(string? path) => path is null ? [] : File.ReadAllBytes(path);
}
