using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Admin.Http;

/// <summary>
/// How nodes' reports are read, which is most of what a coordinator reads: the same as <see cref="FleetJson"/>, by contracts that are made at run
/// time. The generated ones keep what is absent at its default (<see cref="AbsentFields"/>) by reflection, which makes an object of each
/// number.
/// </summary>
internal static class ReportJson
{
    /// <summary>The contract of a report.</summary>
    public static JsonTypeInfo<NodeReport> Contract { get; } = (JsonTypeInfo<NodeReport>)MakeOptions().GetTypeInfo(typeof(NodeReport));

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions(FleetJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        options.MakeReadOnly();
        return options;
    }
}
