using System.Text.Json.Nodes;

namespace Relay.Testing.Admin;

/// <summary>Reads an event stream.</summary>
public sealed class EventReader : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly StreamReader _lines;

    private EventReader(HttpResponseMessage answer, Stream stream) =>
        (_answer, _lines) = (answer, new StreamReader(stream));

    public sealed record Event(string Kind, string? Id, JsonNode? Data);

    /// <summary>The id that a client would send when it comes again.</summary>
    public string? LastId { get; private set; }

    /// <summary>Lines that were comments.</summary>
    public int Comments { get; private set; }

    public static async Task<EventReader> OpenAsync(
        HttpClient client, string path = "/v1/events", string? lastId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastId is not null)
            request.Headers.Add("Last-Event-ID", lastId);
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode, await Text(answer));
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());

        static async Task<string> Text(HttpResponseMessage answer) =>
            answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync();
    }

    /// <summary>The next block: an event, or one without data; null at the end of the stream.</summary>
    public async Task<Event?> NextAsync()
    {
        var (kind, data) = ("message", default(string));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (await _lines.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0)
                return new Event(kind, LastId, data is null ? null : JsonNode.Parse(data));
            if (line[0] == ':')
                Comments++;
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
                LastId = line[4..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data = line[6..];
        }
        return null;
    }

    /// <summary>The next event that fits; others are passed over.</summary>
    public async Task<Event> NextAsync(Func<Event, bool> fits)
    {
        while (await NextAsync() is { } next)
        {
            if (next.Data is not null && fits(next))
                return next;
        }
        throw new InvalidOperationException("the stream has ended");
    }

    public void Dispose()
    {
        _lines.Dispose();
        _answer.Dispose();
    }
}
