namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>Overlays with no component, with each that fits, and with all of them.</summary>
internal static class Combinations
{
    private static readonly string[] OfRelays = ["monitoring", "alerts", "dashboards", "local-routes"];
    private static readonly string[] OfFleets = [.. OfRelays, "monitoring-coordinators", "cert-manager", "both-namespaces"];

    /// <summary>As <see cref="DeployTree.RenderAsync"/> takes them.</summary>
    public static TheoryData<string> All => [.. Of("single", OfRelays), .. Of("fleet", OfFleets), .. Of("fleet-evictable", OfFleets)];

    /// <summary>Those with coordinators.</summary>
    public static TheoryData<string> Fleets => [.. Of("fleet", OfFleets), .. Of("fleet-evictable", OfFleets)];

    /// <summary>The overlays by themselves.</summary>
    public static TheoryData<string> Plain => ["single", "fleet", "fleet-evictable"];

    /// <summary>All components, those that overlays have already among them.</summary>
    public static IEnumerable<string> Components => [.. OfFleets, "redis", "version"];

    private static IEnumerable<string> Of(string overlay, string[] components) =>
        [overlay, .. components.Select(one => $"{overlay}+{one}"), $"{overlay}+{string.Join('+', components)}"];
}
