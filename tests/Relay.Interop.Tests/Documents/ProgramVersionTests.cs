using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Documents;

/// <summary>All programs are of one version, the build's.</summary>
public sealed class ProgramVersionTests
{
    [Fact]
    public async Task Programs_AskedForTheirVersion_SayTheSame()
    {
        using var folder = new ReadersFolder();
        var said = await folder.RunAsync("for p in relay-node relay-admin relay-load relayctl; do $p --version; done");
        var version = Regex.Match(Repository.Read("Directory.Build.props"), "<VersionPrefix>(.*)</VersionPrefix>").Groups[1].Value;
        var versions = Regex.Matches(said, @"(?m)^(?:\S+ )?(\d+\.\d+\.\d+)(\+[0-9a-f]+)?$").Select(static match => match.Groups[1].Value);
        Assert.Equal(Enumerable.Repeat(version, 4), versions);
    }
}
