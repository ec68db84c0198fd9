using System.Text;
using Relay.Native.Http3;
using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>Writes the header sections of requests.</summary>
internal static class RequestWriter
{
    /// <summary>RFC 9298 §3.4.</summary>
    public static HeaderBlock ConnectUdp(ClientConfig config, TargetAuthority target)
    {
        var headers = new HeaderBlock();
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":protocol"u8, "connect-udp"u8);
        headers.Add(":scheme"u8, "https"u8);
        headers.Add(":authority"u8, config.Authority);
        headers.Add(":path"u8, Expand(config.PathTemplate, target));
        headers.Add("capsule-protocol"u8, "?1"u8);
        AddFields(headers, config);
        return headers;
    }

    /// <summary>RFC 9114 §4.4, RFC 9113 §8.5.</summary>
    public static HeaderBlock Connect(ClientConfig config, TargetAuthority target)
    {
        var headers = new HeaderBlock();
        headers.Add(":method"u8, "CONNECT"u8);
        headers.Add(":authority"u8, target.ToString());
        AddFields(headers, config);
        return headers;
    }

    /// <summary>RFC 9298 §3.2.</summary>
    public static byte[] UpgradeToUdp(ClientConfig config, TargetAuthority target) => Text(
        $"GET {Expand(config.PathTemplate, target)} HTTP/1.1\r\nhost: {config.Authority}\r\n"
        + "connection: Upgrade\r\nupgrade: connect-udp\r\ncapsule-protocol: ?1\r\n",
        config);

    /// <summary>RFC 9110 §9.3.6.</summary>
    public static byte[] ConnectByText(ClientConfig config, TargetAuthority target) =>
        Text($"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n", config);

    internal static string Expand(string template, TargetAuthority target) => template
        .Replace("{target_host}", Uri.EscapeDataString(target.Host), StringComparison.Ordinal)
        .Replace("{target_port}", target.Port.ToString(), StringComparison.Ordinal);

    private static void AddFields(HeaderBlock headers, ClientConfig config)
    {
        foreach (var (name, value) in config.Fields)
            headers.Add(Encoding.ASCII.GetBytes(name), value);
    }

    private static byte[] Text(string begin, ClientConfig config) => Encoding.ASCII.GetBytes(
        begin + string.Concat(config.Fields.Select(field => $"{field.Name}: {field.Value}\r\n")) + "\r\n");
}
