using System.Reflection;

namespace Relay.Node;

/// <summary>The version of this program.</summary>
internal static class NodeVersion
{
    /// <summary>With the revision that it was built from, where that is known.</summary>
    public static string Text { get; } =
        typeof(NodeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "unknown";
}
