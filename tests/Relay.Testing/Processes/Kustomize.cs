using System.Text.RegularExpressions;

namespace Relay.Testing.Processes;

/// <summary><c>kubectl kustomize</c>.</summary>
public static partial class Kustomize
{
    /// <summary>
    /// Renders a folder. The test is skipped where there is no kubectl, or one before 1.21, as Debian 12 has it.
    /// </summary>
    public static async Task<string> RenderAsync(string folder)
    {
        var kubectl = InstalledProgram.Require("kubectl", "kubernetes-client");
        var (status, output) = await Programs.RunAsync(kubectl, "kustomize", folder);
        if (status != 0)
            await RequireComponentsAsync(kubectl);
        Assert.True(status == 0, $"kubectl kustomize {folder} ended with {status}:\n{output}");
        return output;
    }

    private static async Task RequireComponentsAsync(string kubectl)
    {
        var (_, output) = await Programs.RunAsync(kubectl, "version", "--client");
        var minor = Minor().Match(output);
        Assert.SkipWhen(
            minor.Success && int.Parse(minor.Groups[1].Value) < 21,
            $"{kubectl} is too old for kustomize's components (Debian package kubernetes-client from Debian 13 on).");
    }

    [GeneratedRegex(@"\bv1\.(\d+)\.")]
    private static partial Regex Minor();
}
