using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Relay.Interop.Tests.Metrics;

/// <summary>An OTLP collector, as far as it takes to see what arrives (HTTP with protobuf).</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly List<(string Path, string Body)> _received = [];

    private Collector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Run(async context =>
        {
            // Strings of a protobuf message are their own bytes.
            using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            lock (_received)
                _received.Add((context.Request.Path, body));
            context.Response.ContentType = "application/x-protobuf";
        });
    }

    public string Url => _application.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.First();

    public static async Task<Collector> StartAsync()
    {
        var collector = new Collector();
        await collector._application.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>All that was sent to a path.</summary>
    public string At(string path)
    {
        lock (_received)
            return string.Concat(_received.Where(received => received.Path == path)
                .Select(static received => received.Body));
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
