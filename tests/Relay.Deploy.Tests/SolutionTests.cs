using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests;

/// <summary>What is built where the packages of the fleet are missing.</summary>
public sealed partial class SolutionTests
{
    [Fact]
    public void StandaloneFilter_HasEveryProjectButTheGrains()
    {
        using var filter = JsonDocument.Parse(Repository.Read("RelayFleet.Standalone.slnf"));
        var standalone = filter.RootElement.GetProperty("solution").GetProperty("projects").EnumerateArray()
            .Select(static project => project.GetString()!);

        var all = Project().Matches(Repository.Read("RelayFleet.sln"))
            .Select(static match => match.Groups[1].Value.Replace('\\', '/')).ToList();

        Assert.NotEmpty(all);
        Assert.Equal(
            all.Where(static project => !project.Contains("Relay.Grains", StringComparison.Ordinal)).Order(),
            standalone.Order());
    }

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex Project();
}
