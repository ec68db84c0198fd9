using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Relay.Admin.Enrolments;
using Relay.Admin.Hosting;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Local;
using Relay.Fleet.Users;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>Tokens of enrolments, and what comes of them, are in no line, scope, span or measurement, whatever is asked.</summary>
public sealed class EnrolSecretTests
{
    private readonly ConcurrentQueue<string> _seen = new();

    [Fact]
    public async Task Token_IsNowhere_ThoughAllThatTheFrameworkNotesIsKept()
    {
        using var spans = new ActivityListener
        {
            ShouldListenTo = static _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                // The test's own client knows where it goes.
                if (activity.Kind == ActivityKind.Server || activity.OperationName.Contains("AspNetCore", StringComparison.Ordinal))
                    _seen.Enqueue($"span {activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(static e => e.Tags))}");
            },
        };
        ActivitySource.AddActivityListener(spans);
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (!instrument.Meter.Name.StartsWith("System.Net", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        meters.Start();
        var fleet = new LocalFleet(new LocalFleetConfig(), [], TimeProvider.System, new Random(1));
        await fleet.PutUserAsync(new User { Name = "alice" }, null, default);
        await using var host = await AdminHost.StartAsync(
            new AdminConfig
            {
                Address = new IPEndPoint(IPAddress.Loopback, 0),
                Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
                Profiles = new() { Relay = RelayAddress.TryParse("relay.example.com", out var relay, out _) ? relay : null },
            },
            fleet, new KeepingLogs(_seen), default);
        using var client = new HttpClient();
        using var begun = await client.SendJsonAsync(HttpMethod.Post, $"http://{host.Address}/v1/users/alice/enrolments", null);
        var link = JsonSerializer.Deserialize(await begun.Content.ReadAsStringAsync(), FleetJson.Of<EnrolmentLink>())!;
        var token = link.Url[(link.Url.LastIndexOf('/') + 1)..];

        // At its own place and at the API's; as it should be, twice, by other methods, and as no HTTP at all.
        foreach (var place in (IPEndPoint[])[host.Address, host.EnrolAddress!])
        {
            await RawAsync(place, $"GET /enroll/{token} HTTP/1.1\r\nHost: {place}\r\n\r\n");
            await RawAsync(place, $"HEAD /ENROLL/{token}/x?y={token} HTTP/1.1\r\nHost: {place}\r\n\r\n");
            await RawAsync(place, $"BREW /enroll/{token} HTTP/1.1\r\nHost: {place}\r\n\r\n");
            await RawAsync(place, $"GET /enroll/{token} HTTP/9.9\r\nHost: {place}\r\n\r\n");
            await RawAsync(place, $"GET /enroll/{token}\u0001 HTTP/1.1\r\nHost: \u00e9\r\n\r\n");
            await RawAsync(place, $"POST /enroll/{token}/profile HTTP/1.1\r\nHost: {place}\r\nContent-Length: 99999\r\n\r\n");
            using var posted = await client.PostAsync($"http://{place}/enroll/{token}", null);
            if (place.Equals(host.Address))
            {
                // Scopes and spans of the API have its paths: nothing of it writes the one, or listens for the other.
                var lines = _seen.Where(static text => !text.StartsWith("scope ", StringComparison.Ordinal) && !text.StartsWith("span ", StringComparison.Ordinal)).ToArray();
                _seen.Clear();
                foreach (var line in lines)
                    _seen.Enqueue(line);
            }
            else
            {
                var secret = Regex.Match(await posted.Content.ReadAsStringAsync(), "value=\"([^\"]{43})\"").Groups[1].Value;
                Assert.Equal(43, secret.Length);
                (await client.PostAsync($"http://{place}/enroll/{token}/profile", new FormUrlEncodedContent([new("secret", secret)]))).Dispose();
                await host.DisposeAsync();
                await NothingAsync(fleet, token, DeviceSecret.HashOf(token), secret, DeviceSecret.HashOf(secret));
            }
        }
        Assert.Contains(_seen, static text => text.Contains("http.server.request.duration", StringComparison.Ordinal));
        Assert.Contains(_seen, static text => text.StartsWith("scope", StringComparison.Ordinal));
        Assert.Contains(_seen, static text => text.StartsWith("span", StringComparison.Ordinal));
        Assert.Contains(_seen, static text => text.Contains("/enroll/\u2026", StringComparison.Ordinal));
    }

    [Fact]
    public void Token_AndWhatARequestSays_AreNotWhatTheyAre_AsTexts()
    {
        var token = EnrolmentToken.Create();
        Assert.Equal(43, token.Text.Length);
        Assert.True(EnrolmentToken.IsToken(token.Text));
        Assert.Equal("\u2026", token.ToString());
        Assert.DoesNotContain(token.Text, $"{EnrolRequest.Of($"/enroll/{token.Text}/profile")}", StringComparison.Ordinal);
    }

    private async Task NothingAsync(LocalFleet fleet, params string[] hidden)
    {
        foreach (var happened in (await fleet.ReadEventsAsync("0-0", default)).Events)
            _seen.Enqueue($"{happened}");
        Assert.DoesNotContain(_seen, text => hidden.Any(secret => text.Contains(secret, StringComparison.Ordinal)));
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _seen.Enqueue($"{instrument.Name} {string.Join(' ', tags.ToArray())}");

    // Whatever is answered, if anything is.
    private static async Task RawAsync(IPEndPoint place, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(place);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        client.Client.Shutdown(SocketShutdown.Send);
        try
        {
            await stream.CopyToAsync(Stream.Null);
        }
        catch (IOException)
        {
        }
    }

    private sealed class KeepingLogs(ConcurrentQueue<string> seen) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new Kept(seen);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }

    private sealed class Kept(ConcurrentQueue<string> seen) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            seen.Enqueue($"scope {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values) : state)}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            seen.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
