using System.Buffers;
using System.Text.Json;

namespace Relay.Node.Diagnostics.Health;

/// <summary>An answer to a probe: its status, and what stands behind it as JSON.</summary>
/// <param name="Status">200, or 503.</param>
/// <param name="Body">The JSON object.</param>
internal readonly record struct HealthResponse(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>A loop that has not begun a turn for this long does not turn any more.</summary>
    internal static readonly TimeSpan HeartbeatLimit = TimeSpan.FromSeconds(5);

    /// <summary>Whether the process works: every loop turns. A node that is starting has none, and is alive.</summary>
    internal static HealthResponse Live(NodeDiagnostics node)
    {
        var stalled = new List<int>();
        var ages = node.View?.HeartbeatAges ?? [];
        for (var loop = 0; loop < ages.Count; loop++)
        {
            if (ages[loop] >= HeartbeatLimit)
                stalled.Add(loop);
        }
        return Write(stalled.Count == 0, writer =>
        {
            writer.WriteBoolean("live", stalled.Count == 0);
            writer.WriteNumber("loops", ages.Count);
            writer.WriteStartArray("stalledLoops");
            stalled.ForEach(writer.WriteNumberValue);
            writer.WriteEndArray();
        });
    }

    /// <summary>Whether the node wants new clients, and if not, why.</summary>
    internal static HealthResponse Ready(NodeDiagnostics node)
    {
        var unmet = node.Readiness.Unmet();
        return Write(unmet.Count == 0, writer =>
        {
            writer.WriteBoolean("ready", unmet.Count == 0);
            writer.WriteStartArray("reasons");
            foreach (var (condition, reason) in unmet)
            {
                writer.WriteStartObject();
                writer.WriteString("condition", condition);
                writer.WriteString("reason", reason);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
    }

    private static HealthResponse Write(bool good, Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return new HealthResponse(good ? 200 : 503, body.WrittenMemory);
    }
}
