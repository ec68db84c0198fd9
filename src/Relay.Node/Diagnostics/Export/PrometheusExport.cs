using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;

namespace Relay.Node.Diagnostics.Export;

/// <summary>
/// Writes a meter's instruments as Prometheus text (version 0.0.4), or as OpenMetrics (1.0.0) for who asks for it: all
/// that a build without OpenTelemetry needs, under the names that OpenTelemetry's exporter gives. Observable
/// instruments are read at the scrape; histograms add up what is recorded, without a lock or an allocation.
/// </summary>
internal sealed class PrometheusExport : ITelemetryExport
{
    private const string TextType = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Begins to listen.</summary>
    internal PrometheusExport(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter != meter)
                return;
            var family = new Family(instrument);
            lock (_gate)
                _families.Add(family.Name, family);
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Family)state!)
            .Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Family)state!)
            .Take(value, tags));
        _listener.Start();
    }

    /// <inheritdoc/>
    public void Use(IApplicationBuilder application) => application.Use(next => context =>
        context.Request.Path == DiagnosticsServer.MetricsPath ? AnswerAsync(context) : next(context));

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    /// <summary>Reads every instrument, and writes it.</summary>
    internal string Write(bool openMetrics)
    {
        var text = new StringBuilder(16 * 1024);
        lock (_gate)
        {
            foreach (var family in _families.Values)
                family.BeginScrape();
            _listener.RecordObservableInstruments();
            foreach (var family in _families.Values)
                family.Write(text, openMetrics);
        }
        return openMetrics ? text.Append("# EOF\n").ToString() : text.ToString();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var openMetrics = PrefersOpenMetrics(context.Request.GetTypedHeaders());
        context.Response.ContentType = openMetrics ? OpenMetricsType : TextType;
        return context.Response.WriteAsync(Write(openMetrics), context.RequestAborted);
    }

    /// <summary>RFC 9110 §12.5.1. Who asks for neither gets the text that everybody reads.</summary>
    private static bool PrefersOpenMetrics(RequestHeaders headers)
    {
        double text = 0, openMetrics = 0;
        foreach (var range in headers.Accept)
        {
            var quality = range.Quality ?? 1;
            if (range.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
                openMetrics = Math.Max(openMetrics, quality);
            else if (range.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                text = Math.Max(text, quality);
        }
        return openMetrics > 0 && openMetrics >= text;
    }

    /// <summary>One instrument, as a family of series.</summary>
    private sealed class Family
    {
        private readonly string _description;
        private readonly string _type;
        private readonly string _unit;
        private readonly double[] _bounds = [];
        private readonly List<(string Labels, double Value)> _scraped = [];
        private readonly string _created = Number(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        private volatile Distribution[] _distributions = [];

        internal Family(Instrument instrument)
        {
            _description = instrument.Description ?? "";
            _unit = instrument.Unit switch { "s" => "seconds", "By" => "bytes", _ => "" };
            _type = instrument switch
            {
                ObservableCounter<long> => "counter",
                ObservableGauge<long> or ObservableGauge<double> => "gauge",
                Histogram<double> => "histogram",
                _ => throw new NotSupportedException(
                    $"{instrument.Name} is an instrument of a kind that is not written."),
            };
            if (instrument is Histogram<double> histogram)
                _bounds = [.. histogram.Advice!.HistogramBucketBoundaries!];
            Name = instrument.Name.Replace('.', '_');
            if (_unit.Length > 0 && !Name.EndsWith(_unit, StringComparison.Ordinal))
                Name += "_" + _unit;
        }

        /// <summary>Without the suffixes of its series.</summary>
        internal string Name { get; }

        internal void BeginScrape() => _scraped.Clear();

        /// <summary>A value: of an observable instrument during a scrape, or recorded by any thread.</summary>
        internal void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (_bounds.Length > 0)
                Find(tags).Add(value, _bounds);
            else
                _scraped.Add((Labels(tags), value));
        }

        internal void Write(StringBuilder text, bool openMetrics)
        {
            if (_scraped.Count == 0 && _distributions.Length == 0)
                return;
            var suffix = _type == "counter" ? "_total" : "";
            var family = openMetrics ? Name : Name + suffix;
            text.Append("# TYPE ").Append(family).Append(' ').Append(_type).Append('\n');
            if (openMetrics && _unit.Length > 0)
                text.Append("# UNIT ").Append(family).Append(' ').Append(_unit).Append('\n');
            text.Append("# HELP ").Append(family).Append(' ').Append(_description).Append('\n');
            foreach (var (labels, value) in _scraped)
            {
                WriteSample(text, suffix, labels, Number(value));
                if (openMetrics && suffix.Length > 0)
                    WriteSample(text, "_created", labels, _created);
            }
            foreach (var distribution in _distributions)
            {
                WriteHistogram(text, distribution, openMetrics);
                if (openMetrics)
                    WriteSample(text, "_created", distribution.Labels, _created);
            }
        }

        private void WriteHistogram(StringBuilder text, Distribution distribution, bool openMetrics)
        {
            var separator = distribution.Labels.Length > 0 ? "," : "";
            long count = 0;
            for (var i = 0; i <= _bounds.Length; i++)
            {
                count += Interlocked.Read(ref distribution.Buckets[i]);
                var bound = i == _bounds.Length ? "+Inf" : openMetrics
                    ? CanonicalNumber(_bounds[i]) : Number(_bounds[i]);
                WriteSample(text, "_bucket", $"{distribution.Labels}{separator}le=\"{bound}\"", Number(count));
            }
            WriteSample(text, "_sum", distribution.Labels, Number(distribution.Sum));
            WriteSample(text, "_count", distribution.Labels, Number(count));
        }

        private void WriteSample(StringBuilder text, string suffix, string labels, string value)
        {
            text.Append(Name).Append(suffix);
            if (labels.Length > 0)
                text.Append('{').Append(labels).Append('}');
            text.Append(' ').Append(value).Append('\n');
        }

        private Distribution Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var distribution in _distributions)
            {
                if (distribution.Has(tags))
                    return distribution;
            }
            // A label's value is new: once in the life of a process.
            lock (_scraped)
            {
                foreach (var distribution in _distributions)
                {
                    if (distribution.Has(tags))
                        return distribution;
                }
                var added = new Distribution(tags.ToArray(), Labels(tags), new long[_bounds.Length + 1]);
                _distributions = [.. _distributions, added];
                return added;
            }
        }

        private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = new StringBuilder();
            foreach (var (key, value) in tags)
            {
                var escaped = $"{value}".Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append(text.Length > 0 ? "," : "").Append(key).Append("=\"").Append(escaped).Append('"');
            }
            return text.ToString();
        }

        /// <summary>
        /// OpenMetrics 1.0 has one way to write a bound: whole numbers with a fraction, large ones with an exponent.
        /// </summary>
        private static string CanonicalNumber(double value) => value.ToString(
            value >= 1e6 ? "0.###############e+00" : "0.0##############", CultureInfo.InvariantCulture);

        private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
    }

    /// <summary>One series of a histogram.</summary>
    private sealed class Distribution(KeyValuePair<string, object?>[] tags, string labels, long[] buckets)
    {
        private double _sum;

        internal string Labels { get; } = labels;

        /// <summary>Values up to each bound and above the one before; the last is what exceeds them all.</summary>
        internal long[] Buckets { get; } = buckets;

        internal double Sum => Volatile.Read(ref _sum);

        internal bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length)
                return false;
            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
                    return false;
            }
            return true;
        }

        internal void Add(double value, double[] bounds)
        {
            var bucket = 0;
            while (bucket < bounds.Length && value > bounds[bucket])
                bucket++;
            Interlocked.Increment(ref Buckets[bucket]);
            for (double sum = Sum; ;)
            {
                var seen = Interlocked.CompareExchange(ref _sum, sum + value, sum);
                // By bits: what is not a number is not equal to itself.
                if (BitConverter.DoubleToInt64Bits(seen) == BitConverter.DoubleToInt64Bits(sum))
                    return;
                sum = seen;
            }
        }
    }
}
