using System.Text.Json.Nodes;
using Relay.Packaging;

namespace Relay.Deploy.Tests.Packages;

/// <summary>What packaged programs tell their runtime is what the linker is told.</summary>
public sealed class RuntimeSettingsTests
{
    private static readonly string[] Names = [.. PackagedProgram.All.Select(static one => one.Name)];

    [Fact]
    public void Configuration_OfAProgram_HasItsFrameworksBesideIt_AndKeepsWhatItWasBuiltWith()
    {
        var options = JsonNode.Parse(Packaged("relay-node"))!["runtimeOptions"]!;
        Assert.Null(options["framework"] ?? options["frameworks"]);
        Assert.All(options["includedFrameworks"]!.AsArray(), static one => Assert.Equal("10.0.7", (string?)one!["version"]));
        Assert.Contains(options["includedFrameworks"]!.AsArray(), static one => (string?)one!["name"] == "Microsoft.AspNetCore.App");
        Assert.Equal(0, (int?)options["configProperties"]!["System.Threading.ThreadPool.UnfairSemaphoreSpinLimit"]);
        Assert.False((bool?)options["configProperties"]!["System.Diagnostics.Debugger.IsSupported"]);
    }

    /// <summary>What one of them could still turn on is not taken out.</summary>
    [Fact]
    public void Switches_OfAllPrograms_AreThoseThatAreTheSameInEach()
    {
        var configs = Names.Select(Packaged).ToList();
        var common = RuntimeSettings.Common(configs).ToDictionary(static one => one.Name, static one => one.Value);
        Assert.True(common["System.Globalization.Invariant"]);
        Assert.False(common["System.Diagnostics.Debugger.IsSupported"]);
        // relay-load alone does not collect concurrently.
        Assert.DoesNotContain("System.GC.Concurrent", common.Keys);
        foreach (var config in configs)
        {
            var properties = JsonNode.Parse(config)!["runtimeOptions"]!["configProperties"]!;
            Assert.All(common, one => Assert.Equal(one.Value, (bool?)properties[one.Key]));
        }
    }

    [Fact]
    public void Linker_KeepsProgramsOrleansAndOursWhole()
    {
        using var folder = new ScratchFolder();
        foreach (var name in Names)
            folder.Write($"{name}.runtimeconfig.json", Packaged(name));
        foreach (var name in (string[])[.. Names, "Orleans.Runtime", "Relay.Fleet", "System.Text.Json"])
            folder.Write($"{name}.dll", "");
        var lines = LinkerArguments.Of(folder.Path, Names).ToList();
        Assert.All((string[])[.. Names, "Orleans.Runtime"], name => Assert.Contains($"-a \"{folder.File($"{name}.dll")}\" all", lines));
        Assert.Contains("--action copy Relay.Fleet", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("System.Text.Json", StringComparison.Ordinal));
        Assert.Contains("--feature System.Diagnostics.Debugger.IsSupported false", lines);
        Assert.Contains("--feature System.Globalization.Invariant true", lines);
        Assert.Contains("--keep-metadata all", lines);
        Assert.Contains("--strip-descriptors false", lines);
    }

    private static string Packaged(string program) => RuntimeSettings.Packaged(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, $"{program}.runtimeconfig.json")), "10.0.7");
}
