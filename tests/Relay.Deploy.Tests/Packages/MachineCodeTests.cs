using System.Runtime.InteropServices;

namespace Relay.Deploy.Tests.Packages;

/// <summary>Whether the package's programs have machine code of what they run, or compile it at each start.</summary>
[Trait("Needs", "Processes")]
public sealed class MachineCodeTests
{
    /// <summary>
    /// Of what only the runtime calls the assembly tells in a file within, which a linker takes out where it is not told otherwise.
    /// What runs often is compiled once more, which is no matter of a start.
    /// </summary>
    [Fact(Explicit = true)]
    public async Task Programs_OfThePackage_CompileNothingThatTheRuntimeCallsItself()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The package that is run is linux-x64's.");
        using var folder = new ScratchFolder();
        var programs = await (await PackageFiles.Made).UnpackAsync(folder.Path);
        var list = folder.File("compiled");
        foreach (var name in (string[])["relay-node", "relay-admin", "relayctl", "relay-load"])
        {
            await using var program = ChildProcess.Start(Path.Combine(programs, name), ["--help"], new Dictionary<string, string>
            {
                ["DOTNET_JitStdOutFile"] = list,
                ["DOTNET_JitDisasmSummary"] = "1",
            });
            program.Input.Close();
            Assert.True(await program.WaitForExitAsync(Eventually.Limit) == 0, program.Log.Describe());
            var compiled = File.ReadAllLines(list);
            // Generic methods of values that are the program's own have no code anywhere: some are left.
            Assert.Contains(compiled, static line => line.Contains("[Tier0", StringComparison.Ordinal));
            Assert.DoesNotContain(compiled, static line => line.Contains("Tier0", StringComparison.Ordinal)
                && (line.Contains("System.Runtime.CompilerServices.CastHelpers:", StringComparison.Ordinal)
                    || line.Contains("System.AppContext:Setup(", StringComparison.Ordinal)));
            File.Delete(list);
        }
    }
}
