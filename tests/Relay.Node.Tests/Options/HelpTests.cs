using System.Text.RegularExpressions;
using Relay.Hosting.Fleet;
using Relay.Hosting.Logging;
using Relay.Hosting.Options;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

public class HelpTests
{
    private readonly CommandLineRun _run = new();

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--help", "--workers", "none", "--frobnicate")]
    [InlineData("--version", "--help")]
    public void Help_PrintsAndExits(params string[] arguments)
    {
        var result = _run.Parse(arguments);
        Assert.False(result.TryGetConfig(out _));
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(_run.Errors);
        Assert.StartsWith("relay-node: a MASQUE relay", _run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_ListsEveryOptionOnceUnderItsGroup()
    {
        _run.Parse("--help");
        string heading = "";
        var found = new List<(string Heading, string Option)>();
        foreach (string line in _run.Output.Split(Environment.NewLine))
        {
            if (Regex.Match(line, "^([A-Za-z]+):$") is { Success: true } group)
                heading = group.Groups[1].Value;
            if (Regex.Match(line, "^  (?:-.,|   ) (--[a-z0-9-]+)") is { Success: true } option)
                found.Add((heading, option.Groups[1].Value));
        }

        Assert.Equal(OptionCatalog.All.Select(o => (o.Group == OptionGroup.Tls ? "TLS" : o.Group.ToString(), o.Name)),
            found);
        Assert.Equal(["Listening", "TLS", "Clients", "Targets", "Egress", "Limits", "Timeouts", "Fleet", "Process"],
            found.Select(f => f.Heading).Distinct());
    }

    [Fact]
    public void Help_ShowsAliasesDefaultsAndWhatIsRequired()
    {
        _run.Parse("--help");
        Assert.Contains("-a, --address ADDR:PORT", _run.Output, StringComparison.Ordinal);
        string unwrapped = Regex.Replace(_run.Output, @"\s+", " ");
        Assert.Contains("(required, repeatable)", unwrapped, StringComparison.Ordinal);
        foreach (var option in OptionCatalog.All)
        {
            Assert.Contains(option.Description, unwrapped, StringComparison.Ordinal);
            if (option.DefaultText is not null)
                Assert.Contains($"(default: {option.DefaultText})", unwrapped, StringComparison.Ordinal);
        }

        Assert.All(_run.Output.Split(Environment.NewLine), line =>
        {
            Assert.Equal(line.TrimEnd(), line);
            Assert.InRange(line.Length, 0, 100);
        });
    }

    [Fact]
    public void Version_PrintsOneLine()
    {
        var result = _run.Parse("--version");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(@"^relay-node \d+\.\d+\.\d+\S*\s*$", _run.Output);
    }

    [Fact]
    public void Catalog_NamesAreDistinctAndFollowThePattern()
    {
        var all = OptionCatalog.All;
        Assert.Equal(all.Count, all.Select(option => option.EnvironmentVariable).Distinct().Count());
        Assert.All(all, option => Assert.Matches("^--[a-z0-9]+(-[a-z0-9]+)*$", option.Name));
        Assert.Equal("RELAY_TLS_PRIVATE_KEY_PATH", OptionCatalog.TlsPrivateKeyPath.EnvironmentVariable);
        Assert.Equal("tls-private-key-path", OptionCatalog.TlsPrivateKeyPath.Key);

        var fields = ((Type[])[typeof(OptionCatalog), typeof(JwtOptions), typeof(EgressOptions), typeof(FleetOptions),
                typeof(FleetHostOptions), typeof(SiloTlsOptions), typeof(ProfileOptions), typeof(EnrolOptions), typeof(LogOptions), typeof(ProgramOptions)])
            .SelectMany(type => type.GetFields()).Where(f => f.FieldType == typeof(OptionDefinition));
        Assert.Equal(fields.Select(f => f.GetValue(null)).ToHashSet(), all.ToHashSet<object?>());
    }
}
