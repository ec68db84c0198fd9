using System.Text.RegularExpressions;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Documents;

/// <summary><c>./run.sh</c>, the first thing that a reader does, and the four things that it says to try.</summary>
public sealed class RunScriptTests
{
    private const int Interrupt = 2;

    [Fact]
    public async Task RunScript_WhatItSaysToTry_Works()
    {
        await using var network = await NetworkNamespace.CreateAsync();
        await using var run = network.Start("/bin/bash", [Repository.PathOf("run.sh")]);
        await run.Log.WaitForAsync("listening on 127.0.0.1:4433", Limits.Transfer);
        await run.Log.WaitForAsync("istening on .*127.0.0.1:8480", Limits.Start);
        var tries = run.Log.Lines.Where(static line => Regex.IsMatch(line, "^  dotnet ")).ToList();
        Assert.Equal(4, tries.Count);
        foreach (var command in tries)
        {
            await using var shell = network.Start("/bin/bash", ["-ec", $"cd '{Repository.PathOf(".")}'\n{command}"]);
            Assert.True(await shell.WaitForExitAsync(Limits.Transfer) == 0, $"{command}\n{shell.Log.Describe()}");
        }
        run.Signal(Interrupt);
        Assert.True(await run.WaitForExitAsync(Limits.Stop) == 0, run.Log.Describe());
    }
}
