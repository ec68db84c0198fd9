using Relay.Node.Diagnostics.Export;

namespace Relay.Node.Tests.Diagnostics.Export;

public class TelemetryEnvironmentTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector")]
    [InlineData(true, false, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector")]
    [InlineData(false, true, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector")]
    [InlineData(true, true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector", "OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(true, false, "OTEL_METRICS_EXPORTER=prometheus, otlp")]
    [InlineData(false, false, "OTEL_METRICS_EXPORTER=none", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector")]
    [InlineData(true, false, "OTEL_TRACES_EXPORTER=none", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://collector")]
    [InlineData(false, false, "OTEL_SDK_DISABLED=true", "OTEL_METRICS_EXPORTER=otlp", "OTEL_TRACES_EXPORTER=otlp")]
    [InlineData(false, false, "OTEL_EXPORTER_OTLP_ENDPOINT= ")]
    public void Variables_SayWhatIsExported(bool metrics, bool traces, params string[] variables)
    {
        var environment = Read(variables);
        Assert.Equal(
            (metrics, traces, null), (environment.ExportsMetrics, environment.ExportsTraces, environment.Unknown));
    }

    [Theory]
    [InlineData("OTEL_METRICS_EXPORTER: 'zipkin'", "OTEL_METRICS_EXPORTER=otlp,zipkin")]
    [InlineData("OTEL_TRACES_EXPORTER: 'prometheus'", "OTEL_TRACES_EXPORTER=prometheus")]
    public void UnknownExporter_IsNamed(string expected, params string[] variables) =>
        Assert.Equal(expected, Read(variables).Unknown);

    private static TelemetryEnvironment Read(string[] variables)
    {
        var values = variables.Select(static text => text.Split('=', 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1]);
        return TelemetryEnvironment.Read(name => values.GetValueOrDefault(name));
    }
}
