namespace Relay.Packaging;

/// <summary>
/// What the linker (illink) is told: to leave out of the framework's assemblies, and of others that say they can be trimmed, what nothing calls.
/// All others stay whole: Orleans finds much by its name.
/// </summary>
internal static class LinkerArguments
{
    /// <summary>A line for each, as a response file has them.</summary>
    /// <param name="folder">Where all assemblies are, and what the programs tell their runtime.</param>
    /// <param name="programs">Those that are started.</param>
    public static IEnumerable<string> Of(string folder, IReadOnlyCollection<string> programs)
    {
        foreach (var root in Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileNameWithoutExtension(root);
            // Parts of Orleans find each other by their names, too.
            if (programs.Contains(name) || name.StartsWith("Orleans.", StringComparison.Ordinal))
                yield return $"-a \"{root}\" all";
            // They say that they can be trimmed, for those who use them elsewhere.
            if (name.StartsWith("Relay.", StringComparison.Ordinal))
                yield return $"--action copy {name}";
        }
        yield return $"-d \"{folder}\"";
        yield return "--action copy";
        yield return "--trim-mode link";
        foreach (var (feature, value) in RuntimeSettings.Common(
            programs.Select(program => File.ReadAllText(Path.Combine(folder, $"{program}.runtimeconfig.json")))))
            yield return $"--feature {feature} {(value ? "true" : "false")}";
        yield return "--skip-unresolved true";
        // Newtonsoft.Json, by which Orleans keeps its members in Redis, calls constructors by the names of their parameters.
        yield return "--keep-metadata all";
        // What the runtime itself calls stands in them alone: without them it is compiled as it runs, by each program at each start.
        yield return "--strip-descriptors false";
        // The same each time.
        yield return "--deterministic";
    }
}
