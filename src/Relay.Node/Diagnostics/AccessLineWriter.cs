using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Relay.Node.Counters;
using Relay.Protocol;

namespace Relay.Node.Diagnostics;

/// <summary>
/// Writes access lines: <c>key=value</c> pairs, or a JSON object, with the same keys in the same order.
/// </summary>
/// <param name="json">Which of the two.</param>
internal sealed class AccessLineWriter(bool json)
{
    private readonly StringBuilder _text = new();

    /// <summary>Writes one line with its end.</summary>
    internal void Write(in AccessRecord record, IBufferWriter<byte> destination)
    {
        if (json)
            WriteJson(record, destination);
        else
            WriteText(record, destination);
        destination.Write("\n"u8);
    }

    private static void WriteJson(in AccessRecord record, IBufferWriter<byte> destination)
    {
        using var writer = new Utf8JsonWriter(destination);
        writer.WriteStartObject();
        writer.WriteString("time", Time(record));
        writer.WriteNumber("session", record.Session);
        writer.WriteString("http", HttpProtocolNames.Of(record.Protocol));
        writer.WriteString("type", Type(record));
        writer.WriteString("outcome", Outcome(record));
        if (record.Error != ProxyErrorType.None)
            writer.WriteString("error", ProxyStatus.GetToken(record.Error));
        writer.WriteNumber("duration_ms", (long)record.Duration.TotalMilliseconds);
        writer.WriteNumber("bytes_up", record.UpstreamBytes);
        writer.WriteNumber("bytes_down", record.DownstreamBytes);
        if (record.IsUdp)
        {
            writer.WriteNumber("datagrams_up", record.UpstreamDatagrams);
            writer.WriteNumber("datagrams_down", record.DownstreamDatagrams);
        }
        if (record.Egress is { } egress)
            writer.WriteString("egress", egress.ToString());
        if (record.Client is { } client)
            writer.WriteString("client", client.ToString());
        if (record.Identity is { } identity)
            writer.WriteString("identity", identity.Text);
        if (record.Target is { } target)
            writer.WriteString("target", target);
        writer.WriteEndObject();
    }

    private void WriteText(in AccessRecord record, IBufferWriter<byte> destination)
    {
        _text.Clear().Append(CultureInfo.InvariantCulture,
            $"time={Time(record)} session={record.Session} http={HttpProtocolNames.Of(record.Protocol)}")
            .Append(CultureInfo.InvariantCulture, $" type={Type(record)} outcome={Outcome(record)}");
        if (record.Error != ProxyErrorType.None)
            _text.Append(" error=").Append(ProxyStatus.GetToken(record.Error));
        _text.Append(CultureInfo.InvariantCulture, $" duration_ms={(long)record.Duration.TotalMilliseconds}")
            .Append(CultureInfo.InvariantCulture,
                $" bytes_up={record.UpstreamBytes} bytes_down={record.DownstreamBytes}");
        if (record.IsUdp)
            _text.Append(CultureInfo.InvariantCulture,
                $" datagrams_up={record.UpstreamDatagrams} datagrams_down={record.DownstreamDatagrams}");
        if (record.Egress is { } egress)
            _text.Append(" egress=").Append(egress);
        if (record.Client is { } client)
            _text.Append(" client=").Append(client);
        // A credential's name is visible ASCII: no space ends it early.
        if (record.Identity is { } identity)
            _text.Append(" identity=").Append(identity.Text);
        // Letters, digits, dots, hyphens, underscores and the brackets of an address: nothing that would need quoting.
        if (record.Target is { } target)
            _text.Append(" target=").Append(target);
        foreach (var chunk in _text.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, destination);
    }

    private static string Time(in AccessRecord record) =>
        record.Ended.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    private static string Type(in AccessRecord record) => record.IsUdp ? "udp" : "tcp";

    private static string Outcome(in AccessRecord record) => TunnelOutcomeNames.Of(record.Outcome);
}
