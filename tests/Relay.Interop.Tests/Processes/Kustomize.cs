namespace Relay.Interop.Tests.Processes;

/// <summary><c>kubectl kustomize</c>.</summary>
internal static class Kustomize
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Renders a folder. The test is skipped where there is no kubectl, or one before 1.21, as Debian 12 has it.
    /// </summary>
    public static async Task<string> RenderAsync(string folder)
    {
        var kubectl = InstalledProgram.Require("kubectl", "kubernetes-client");
        await using var process = ChildProcess.Start(kubectl, ["kustomize", folder]);
        process.Input.Close();
        var status = await process.WaitForExitAsync(Limit);
        var output = string.Join('\n', process.Log.Lines);
        Assert.SkipWhen(
            status != 0 && output.Contains("unknown field \"components\"", StringComparison.Ordinal),
            $"{kubectl} is too old for kustomize's components (Debian package kubernetes-client from Debian 13 on).");
        Assert.True(status == 0, $"kubectl kustomize {folder} ended with {status}:\n{output}");
        return output;
    }
}
