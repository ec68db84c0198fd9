using System.Reflection;

namespace Relay.Hosting;

/// <summary>The version of the programs, which is one.</summary>
public static class ProgramVersion
{
    /// <summary>With the revision that it was built from, where that is known.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion ?? "unknown";
}
