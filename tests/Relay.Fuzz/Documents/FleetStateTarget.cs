using System.Text;
using Relay.Fleet.Json;
using Relay.Fuzz.Engine;

namespace Relay.Fuzz.Documents;

/// <summary>What a fleet remembers, as <c>PUT /v1/fleet/state</c> takes it.</summary>
internal sealed class FleetStateTarget() : FuzzTarget(
    "a state, or faults, each with its place; what has none is written and read back as it was")
{
    public override IReadOnlyList<byte[]> Words { get; } =
    [
        .. ("\"version\":1|\"pools\":|\"leases\":|\"limits\":|\"drains\":|\"nodes\":|\"prefix\":|\"192.0.2.0/24\"|\"epoch\":|\"node\":|"
            + "{}|[]|[null]|null|-1|1e400|\"\\ud800\"|{|}|,").Split('|').Select(Encoding.ASCII.GetBytes),
    ];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var state = FleetStateJson.Read(input.ToArray(), out var faults);
        Check.Same(state is null, faults.Count > 0, "a state or faults");
        Check.That(faults.All(static fault => fault.Detail.Length > 0), "a reason each");
        if (state is null)
            return;
        var written = FleetStateJson.Write(state);
        var again = FleetStateJson.Read(written, out var faultsAgain);
        Check.That(again is not null, $"read back: {string.Join("; ", faultsAgain)}");
        Check.That(written.AsSpan().SequenceEqual(FleetStateJson.Write(again)), "the same");
    }
}
