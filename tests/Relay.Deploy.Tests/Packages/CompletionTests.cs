using Relay.Packaging;

namespace Relay.Deploy.Tests.Packages;

/// <summary>Shells complete the four programs.</summary>
[Trait("Needs", "Processes")]
public sealed class CompletionTests
{
    [Theory]
    [InlineData("relay-node --tls-c", "--tls-cert-path")]
    [InlineData("relay-node --fleet l", "local")]
    [InlineData("relay-node -a x --no-t", "--no-tcp")]
    [InlineData("relay-node hash-p", "hash-password")]
    [InlineData("relay-node hash-token --tls", "")]
    [InlineData("relay-node --workers 1", "")]
    [InlineData("relay-admin --fleet s", "silo")]
    [InlineData("relay-admin hash", "hash-token")]
    [InlineData("relayctl heal", "health")]
    [InlineData("relayctl users revo", "revoke")]
    [InlineData("relay-load handsh", "handshakes")]
    [InlineData("relay-load echo --coun", "--count")]
    public async Task Bash_OffersWhatFits(string line, string expected)
    {
        var bash = InstalledProgram.Require("bash", "bash");
        using var folder = new ScratchFolder();
        var name = line.Split(' ')[0];
        OwnProgram.Install(name, folder, name);
        var script = folder.Write("completion", Of(name).Complete("bash"));
        var words = line.Split(' ');
        // -o default (files, where nothing is offered) is readline's business.
        var asked = folder.Write("ask.sh", $$"""
            compopt() { :; }
            . '{{script}}'
            COMP_WORDS=({{string.Join(' ', words.Select(static word => $"'{word}'"))}}) COMP_CWORD={{words.Length - 1}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}}
            $(complete -p {{name}} | sed -E 's/.*-F (\S+) .*/\1/')
            echo "${COMPREPLY[@]}"
            """);
        await using var shell = ChildProcess.Start(
            bash, ["-eu", asked], new Dictionary<string, string> { ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" });
        shell.Input.Close();
        Assert.True(await shell.WaitForExitAsync(Eventually.Limit) == 0, shell.Log.Describe());
        Assert.Equal(expected, string.Join('\n', shell.Log.Lines).Trim());
    }

    [Theory]
    [InlineData("zsh", "-n")]
    [InlineData("fish", "--no-execute")]
    public async Task OtherShells_ReadTheirs(string shell, string option)
    {
        var program = InstalledProgram.Require(shell, shell);
        using var folder = new ScratchFolder();
        foreach (var packaged in PackagedProgram.All)
        {
            var (status, output) = await Programs.RunAsync(program, option, folder.Write($"{packaged.Name}.{shell}", packaged.Complete(shell)));
            Assert.True(status == 0, $"{packaged.Name}: {output}");
        }
    }

    [Theory]
    [InlineData("relay-node --tls-c", "--tls-cert-path")]
    [InlineData("relay-admin --fleet s", "silo")]
    public async Task Fish_OffersWhatFits(string line, string expected)
    {
        var fish = InstalledProgram.Require("fish", "fish");
        using var folder = new ScratchFolder();
        var script = folder.Write("completion.fish", Of(line.Split(' ')[0]).Complete("fish"));
        var output = await Programs.OutputOfAsync(fish, "--no-config", "-c", $"source {script}; complete --do-complete '{line}'");
        Assert.Equal(expected, output.Split('\t')[0]);
    }

    private static PackagedProgram Of(string name) => PackagedProgram.All.Single(program => program.Name == name);
}
