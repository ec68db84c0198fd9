namespace Relay.Testing.Processes;

/// <summary>Runs a program to its end.</summary>
public static class Programs
{
    /// <summary>Runs it, and gives its status and all that it wrote.</summary>
    public static async Task<(int Status, string Output)> RunAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, arguments);
        process.Input.Close();
        var status = await process.WaitForExitAsync(Eventually.Limit);
        return (status, string.Join('\n', process.Log.Lines));
    }

    /// <summary>Runs it; it must succeed.</summary>
    public static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        var (status, output) = await RunAsync(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)} ended with {status}:\n{output}");
        return output;
    }
}
