using System.Globalization;
using System.Text.Json;
using Relay.Fleet.State;

namespace Relay.Fleet.Json;

/// <summary>What a fleet remembers, as a document.</summary>
public static class FleetStateJson
{
    /// <summary>Writes it, in UTF-8.</summary>
    public static byte[] Write(FleetState state) => JsonSerializer.SerializeToUtf8Bytes(state, FleetJson.Of<FleetState>());

    /// <summary>Reads one.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="faults">What is wrong, each with its place; the place is empty where it is the whole.</param>
    /// <returns>The document; null where anything is wrong with it.</returns>
    public static FleetState? Read(ReadOnlyMemory<byte> content, out IReadOnlyList<(string Place, string Detail)> faults)
    {
        try
        {
            if (FaultOfVersion(content) is { } fault)
            {
                faults = [fault];
                return null;
            }
            var state = JsonSerializer.Deserialize(content.Span, FleetJson.Of<FleetState>())!;
            faults = FleetStateFaults.Of(state);
            return faults.Count == 0 ? state : null;
        }
        catch (JsonException e)
        {
            var place = e.Path is null or "$" ? "" : e.Path.Replace("$.", "", StringComparison.Ordinal);
            faults = [(place, string.Create(
                CultureInfo.InvariantCulture,
                $"not what a fleet's state is, line {(e.LineNumber ?? 0) + 1} byte {(e.BytePositionInLine ?? 0) + 1}"))];
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text that is not UTF-16 once its escapes are read, such as "\ud800".
            faults = [("", "a text is not Unicode")];
            return null;
        }
    }

    // Before anything else: what another version has may not be of the shape that this one knows.
    private static (string Place, string Detail)? FaultOfVersion(ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content);
        if (document.RootElement.ValueKind != JsonValueKind.Object
            || !document.RootElement.TryGetProperty("version", out var version))
            return ("", "not a fleet's state: it has no version");
        if (version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number))
            return ("version", "a whole number is wanted");
        return number == FleetState.CurrentVersion ? null : ("version", FleetStateFaults.UnknownVersion(number));
    }
}
