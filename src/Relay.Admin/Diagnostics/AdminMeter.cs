using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// Counts what this coordinator is asked. Every label is of a fixed set: the routes that there are, methods and status codes that
/// the API knows. Nothing is allocated for a request or a report.
/// </summary>
internal sealed class AdminMeter : IDisposable
{
    private const string Other = "other";

    // nginx's: the client has gone, and no answer of HTTP was ever sent.
    private const int Abandoned = 499;

    private static readonly string[] Statuses =
        [.. Enumerable.Range(0, 600).Select(static status => status.ToString(CultureInfo.InvariantCulture))];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _reports;

    /// <summary>Creates the instruments.</summary>
    public AdminMeter()
    {
        _requests = Meter.CreateCounter<long>("relay.admin.requests", "{request}", "Requests by route, method and status");
        _reports = Meter.CreateHistogram("relay.admin.report.duration", "s", "From a node's report to its answer", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2, 10] });
    }

    /// <summary>Of this object alone: exporters know meters by their names.</summary>
    public Meter Meter { get; } = new($"Relay.Fleet.Admin.{Guid.NewGuid():N}");

    /// <summary>Begins to show when this coordinator's certificates run out.</summary>
    /// <param name="clock">The wall clock.</param>
    /// <param name="certificates">Each by what it is for, and its end; those that there are not are left out.</param>
    public void Watch(TimeProvider clock, params (string Name, Func<DateTimeOffset>? Expires)[] certificates) =>
        Meter.CreateObservableGauge(
            "relay.admin.certificate.expires",
            () => certificates.Where(static one => one.Expires is not null).Select(one => new Measurement<double>(
                (one.Expires!() - clock.GetUtcNow()).TotalSeconds, new KeyValuePair<string, object?>("certificate", one.Name))),
            "s", "Time until a certificate of this coordinator runs out");

    /// <summary>A request was answered, or its client has gone.</summary>
    public void OnRequest(HttpContext http)
    {
        var status = !http.Response.HasStarted && http.RequestAborted.IsCancellationRequested ? Abandoned : http.Response.StatusCode;
        _requests.Add(
            1,
            new("route", (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? Other),
            new("method", MethodOf(http.Request.Method)),
            new("status", status > 0 && status < Statuses.Length ? Statuses[status] : Other));
    }

    /// <summary>A node's report was answered.</summary>
    /// <param name="begun">When it came: <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="answer">What it was answered.</param>
    public void OnReport(long begun, ReportAnswer answer) => _reports.Record(
        Stopwatch.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("answer", NameOf(answer)));

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    // A client may call a method what it likes.
    private static string MethodOf(string method) => HttpMethods.GetCanonicalizedValue(method) is var known
        && (HttpMethods.IsGet(known) || HttpMethods.IsHead(known) || HttpMethods.IsPost(known) || HttpMethods.IsPut(known)
            || HttpMethods.IsDelete(known) || HttpMethods.IsPatch(known) || HttpMethods.IsOptions(known)) ? known : Other;

    private static string NameOf(ReportAnswer answer) => answer switch
    {
        ReportAnswer.Decided => "decided",
        ReportAnswer.StandIn => "stand_in",
        ReportAnswer.Refused => "refused",
        _ => "failed",
    };
}

/// <summary>What a report is answered.</summary>
internal enum ReportAnswer
{
    /// <summary>Nothing, or that the fleet is away.</summary>
    Failed,

    /// <summary>A directive of who decides for the node.</summary>
    Decided,

    /// <summary>A directive of this coordinator, in place of who decides.</summary>
    StandIn,

    /// <summary>That it is not taken: a rate, a size, a fault, or another has the name.</summary>
    Refused,
}
