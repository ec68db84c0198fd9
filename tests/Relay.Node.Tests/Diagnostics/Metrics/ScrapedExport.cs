using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Relay.Node.Diagnostics.Export;

namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>A node's export as a scrape sees it, without a socket: the exporter's own middleware is asked.</summary>
internal sealed class ScrapedExport : IDisposable
{
    private readonly TelemetryExport _export;
    private readonly RequestDelegate _pipeline;

    public ScrapedExport(string meterName)
    {
        _export = new TelemetryExport(meterName, default);
        var application = new ApplicationBuilder(new NoServices());
        _export.Use(application);
        _pipeline = application.Build();
    }

    /// <summary>What is exported, as Prometheus' text.</summary>
    public Exposition Scrape() => Exposition.Parse(Write());

    /// <summary>The text itself.</summary>
    public string Write()
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Request.Path = DiagnosticsServer.MetricsPath;
        context.Response.Body = body;
        _pipeline(context).GetAwaiter().GetResult();
        Assert.Equal(StatusCodes.Status200OK, context.Response.StatusCode);
        return Encoding.UTF8.GetString(body.ToArray());
    }

    public void Dispose() => _export.Dispose();

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
