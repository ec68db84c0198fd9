using System.Text;

namespace Relay.Fleet.Tests.Http;

/// <summary>Coordinators that answer as a test says.</summary>
internal sealed class ScriptedHandler(
    Func<HttpRequestMessage, byte[], CancellationToken, Task<HttpResponseMessage>> answer)
    : HttpMessageHandler
{
    public List<(Uri Address, string? Authorization, bool IsCompressed)> Requests { get; } = [];

    public ScriptedHandler(Func<HttpRequestMessage, byte[], HttpResponseMessage> answer)
        : this((request, body, _) => Task.FromResult(answer(request, body)))
    {
    }

    public static HttpResponseMessage Json(HttpStatusCode status, string text) =>
        new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellation)
    {
        Assert.Equal(HttpMethod.Post, request.Method);
        Assert.Equal("application/json", request.Content!.Headers.ContentType!.MediaType);
        Requests.Add((
            request.RequestUri!, request.Headers.Authorization?.ToString(),
            request.Content.Headers.ContentEncoding.Contains("gzip")));
        return await answer(request, await request.Content.ReadAsByteArrayAsync(cancellation), cancellation);
    }
}
