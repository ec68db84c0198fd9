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
        _text.Clear();
        using (var writer = json ? new Utf8JsonWriter(destination) : null)
        {
            writer?.WriteStartObject();
            WritePairs(record, writer);
            writer?.WriteEndObject();
        }
        foreach (var chunk in _text.GetChunks())
            Encoding.UTF8.GetBytes(chunk.Span, destination);
        destination.Write("\n"u8);
    }

    private void WritePairs(in AccessRecord record, Utf8JsonWriter? writer)
    {
        Write(writer, "time", Time(record));
        Write(writer, "session", record.Session);
        Write(writer, "http", HttpProtocolNames.Of(record.Protocol));
        Write(writer, "type", record.IsUdp ? "udp" : "tcp");
        Write(writer, "outcome", TunnelOutcomeNames.Of(record.Outcome));
        if (record.Error != ProxyErrorType.None)
            Write(writer, "error", ProxyStatus.GetToken(record.Error));
        Write(writer, "duration_ms", (long)record.Duration.TotalMilliseconds);
        Write(writer, "bytes_up", record.UpstreamBytes);
        Write(writer, "bytes_down", record.DownstreamBytes);
        if (record.IsUdp)
        {
            Write(writer, "datagrams_up", record.UpstreamDatagrams);
            Write(writer, "datagrams_down", record.DownstreamDatagrams);
        }
        if (record.Egress is { } egress)
            Write(writer, "egress", egress.ToString());
        if (record.Client is { } client)
            Write(writer, "client", client.ToString());
        // A credential's name is visible ASCII: no space ends it early.
        if (record.Identity is { } identity)
            Write(writer, "identity", identity.Text);
        // Letters, digits, dots, hyphens, underscores and the brackets of an address: nothing that would need quoting.
        if (record.Target is { } target)
            Write(writer, "target", target);
    }

    private void Write(Utf8JsonWriter? writer, string key, string value)
    {
        if (writer is null)
            AppendKey(key).Append(value);
        else
            writer.WriteString(key, value);
    }

    private void Write(Utf8JsonWriter? writer, string key, long value)
    {
        if (writer is null)
            AppendKey(key).Append(CultureInfo.InvariantCulture, $"{value}");
        else
            writer.WriteNumber(key, value);
    }

    private StringBuilder AppendKey(string key) => _text.Append(_text.Length == 0 ? "" : " ").Append(key).Append('=');

    private static string Time(in AccessRecord record) =>
        record.Ended.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
