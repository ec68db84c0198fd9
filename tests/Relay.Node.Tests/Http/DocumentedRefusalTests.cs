using System.Reflection;
using System.Text.RegularExpressions;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Http;

/// <summary>What <c>details</c> of Proxy-Status says is in docs/lifecycle.md, and nothing else is; scripts go by it.</summary>
public sealed partial class DocumentedRefusalTests
{
    private static IEnumerable<string> All => typeof(RefusalDetails)
        .GetFields(BindingFlags.NonPublic | BindingFlags.Static).Select(static one => (string)one.GetRawConstantValue()!);

    [Fact]
    public void Details_AreThoseOfTheTable()
    {
        var section = Repository.Read("docs/lifecycle.md").Split("### Why a request is refused")[1].Split("\n## ")[0];
        var rows = Row().Matches(section).Select(static row => row.Groups[1].Value).ToList();
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Order(StringComparer.Ordinal), All.Order(StringComparer.Ordinal));
    }

    // RFC 9651 §3.3.3: an sf-string has printable ASCII, of which only two are escaped.
    [Fact]
    public void Details_NeedNoEscape() => Assert.All(All, static one => Assert.Matches("^[a-z, ]+$", one));

    [GeneratedRegex(@"^\| `((?!details`)[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
