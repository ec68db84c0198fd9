using System.Text.RegularExpressions;
using Relay.Packaging;

namespace Relay.Deploy.Tests.Packages;

/// <summary>Manual pages are made of what the programs understand.</summary>
public sealed partial class ManPageTests
{
    public static TheoryData<string> Programs => [.. PackagedProgram.All.Select(static program => program.Name)];

    [Theory]
    [MemberData(nameof(Programs))]
    public void Page_HasEveryOption(string name)
    {
        var program = Of(name);
        var page = PageOf(program);
        var tags = Tag().Matches(page).Select(static tag => Font().Replace(tag.Groups[1].Value, "").Replace("\\-", "-", StringComparison.Ordinal)).ToList();
        Assert.True(program.Options.Count() > 10);
        Assert.All(program.Options, names => Assert.Contains(tags, tag =>
            tag == string.Join(", ", names) || tag.StartsWith(string.Join(", ", names) + " ", StringComparison.Ordinal)));
        Assert.Contains($"\n.SH \"NAME\"\n{name} \\- ", page.Replace(name.Replace("-", "\\-", StringComparison.Ordinal), name, StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Page_IsTypesetWithoutComplaint_AndShowsWhatIsTyped(string name)
    {
        var groff = InstalledProgram.Require("groff", "groff-base");
        using var folder = new ScratchFolder();
        var path = folder.Write("page", PageOf(Of(name)));
        await using var typeset = ChildProcess.Start(groff, ["-man", "-ww", "-Wbreak", "-Tutf8", "-P-cbou", "-rLL=200n", path]);
        typeset.Input.Close();
        Assert.Equal(0, await typeset.WaitForExitAsync(Eventually.Limit));
        var text = string.Join('\n', typeset.Log.Lines);
        Assert.DoesNotContain("warning", text, StringComparison.Ordinal);
        Assert.DoesNotContain("error:", text, StringComparison.Ordinal);
        // Copied from the page, an option is what the program takes: minus signs, not hyphens.
        Assert.All(Of(name).Options.SelectMany(static names => names), option => Assert.Contains(option, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Text_ThatLooksLikeARequest_IsText()
    {
        var page = new ManPage("x", 1, "1", new DateOnly(2026, 1, 2)).Paragraph(".so /etc/passwd").Paragraph("'tis \\n \u2026").Line("a\n.b");
        Assert.StartsWith(".TH X 1 2026-01-02 ", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\n\\&.so /etc", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\n\\(aqtis \\en \\[u2026]\n", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("\na .b\n", page.ToString(), StringComparison.Ordinal);
    }

    private static PackagedProgram Of(string name) => PackagedProgram.All.Single(program => program.Name == name);

    private static string PageOf(PackagedProgram program) =>
        program.Describe(new ManPage(program.Name, program.Section, "1.2.3", new DateOnly(2026, 1, 2))).ToString();

    [GeneratedRegex(@"^\.TP\n(.*)$", RegexOptions.Multiline)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\\f[BIR]")]
    private static partial Regex Font();
}
