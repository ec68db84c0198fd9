using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Events;

/// <summary>
/// Writes events as fields and lines. What has an id and no data moves the client's position, and shows nothing.
/// </summary>
internal sealed class EventWriter(PipeWriter output)
{
    /// <summary>After how long a client that was cut off shall come again.</summary>
    public void Retry(TimeSpan after) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"retry: {(long)after.TotalMilliseconds}\n\n"));

    /// <summary>Something that says only that the stream lives.</summary>
    public void Comment() => Write(":\n\n");

    /// <summary>Some events between were not kept: the client shall ask anew for what it shows.</summary>
    public void Gap(string position) => Write($"event: gap\nid: {position}\ndata: {{}}\n\n");

    /// <summary>From where the client would go on.</summary>
    public void Position(string position) => Write($"id: {position}\n\n");

    /// <summary>An event.</summary>
    public void Event(FleetEvent item)
    {
        Write($"event: {JsonNamingPolicy.CamelCase.ConvertName(item.Kind.ToString())}\n");
        if (item.Id.Length > 0)
            Write($"id: {item.Id}\n");
        // Compact JSON escapes line ends: it is one line.
        Write("data: ");
        output.Write(JsonSerializer.SerializeToUtf8Bytes(item, FleetJson.Of<FleetEvent>()));
        Write("\n\n");
    }

    /// <summary>Sends what was written. A client that does not read is cut off by the server's least rate.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        var result = await output.FlushAsync(cancellation).ConfigureAwait(false);
        if (result.IsCompleted)
            throw new OperationCanceledException("the client went away", cancellation);
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, output);
}
