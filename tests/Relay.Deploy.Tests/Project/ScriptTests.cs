using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Project;

/// <summary>What no script may do, on whichever system it runs.</summary>
public sealed partial class ScriptTests
{
    public static TheoryData<string> Scripts => [.. Directory.EnumerateFiles(Repository.PathOf("eng"), "*.sh")
        .Select(static path => Path.GetRelativePath(Repository.PathOf("."), path)).Order(StringComparer.Ordinal)];

    /// <summary>Debian's awk (mawk) makes 2147483647 of any greater number by it: bytes of an hour are more.</summary>
    [Theory]
    [MemberData(nameof(Scripts))]
    public void Script_ThatCounts_DoesSoBeyond32Bits(string path) =>
        Assert.DoesNotMatch(CountedByD(), Repository.Read(path));

    [GeneratedRegex("""printf "[^"]*%d""")]
    private static partial Regex CountedByD();
}
