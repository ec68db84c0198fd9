using System.Text;
using System.Text.Json;
using Relay.Admin.Http;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fuzz.Engine;

namespace Relay.Fuzz.Documents;

/// <summary>Reports of nodes.</summary>
internal sealed class ReportTarget() : FuzzTarget(
    "a report, or a problem that says why not; what has no fault is written and read back as it was")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("\"node\":|\"incarnation\":|\"sequence\":|\"state\":|\"serving\"|\"silent\"|\"sessions\":|\"changed\":|\"ended\":|\"leases\":|"
            + "\"pools\":|\"load\":|\"loops\":|\"totals\":|\"rtt\":|\"counts\":|\"drain\":|\"answers\":|\"identities\":|\"staticPrefixes\":|"
            + "\"egressAddresses\":|{}|[]|[null]|null|-1|1e400|\"\\ud800\"|\"192.0.2.0/24\"|\"::/0\"|{|}|,").Split('|')
            .Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        NodeReport report;
        try
        {
            report = ReportsResource.Parse(input);
        }
        catch (ProblemException)
        {
            return;
        }
        if (ReportValidator.Faults(report) is { Count: > 0 } faults)
        {
            Check.That(faults.Count <= 16 && faults.All(static fault => fault.Length > 0), "reasons, and not too many");
            return;
        }
        var type = FleetJson.Of<NodeReport>();
        var written = JsonSerializer.SerializeToUtf8Bytes(report, type);
        var again = ReportsResource.Parse(written);
        Check.Same(0, ReportValidator.Faults(again).Count, "read back without a fault");
        Check.That(written.AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(again, type)), "the same");
    }
}
