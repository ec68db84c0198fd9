using System.Text.Json.Nodes;
using Relay.Ctl.Cli;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests.World;

/// <summary>What a run of relayctl wrote, and how it ended.</summary>
internal sealed record CtlRun(int Status, string Output, string Error)
{
    /// <summary>The run as it has to be: done, and without a complaint.</summary>
    public CtlRun Done()
    {
        Assert.True(Status == 0, $"status {Status}: {Error}{Output}");
        return this;
    }

    /// <summary>The output as JSON.</summary>
    public JsonNode Json => JsonNode.Parse(Output)!;

    /// <summary>The lines of the output.</summary>
    public string[] Lines => Output.TrimEnd().Split('\n');
}

/// <summary>Runs relayctl within the test's process.</summary>
internal static class Relayctl
{
    /// <summary>Runs it against a world.</summary>
    public static Task<CtlRun> RunAsync(FleetWorld world, params string[] arguments) =>
        RunAsync(new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri }, default,
            arguments);

    /// <summary>Runs it with these environment variables and no others.</summary>
    public static async Task<CtlRun> RunAsync(
        Dictionary<string, string> variables, CancellationToken cancellation, params string[] arguments)
    {
        await using var output = new WatchedWriter();
        return await RunAsync(variables, output, cancellation, arguments);
    }

    /// <summary>Runs it against a world, with something on its standard input.</summary>
    public static async Task<CtlRun> RunWithInputAsync(FleetWorld world, string input, params string[] arguments)
    {
        await using var output = new WatchedWriter();
        return await RunAsync(
            new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri }, output, arguments, input, default);
    }

    /// <summary>Runs it with an output that can be read meanwhile.</summary>
    public static Task<CtlRun> RunAsync(
        Dictionary<string, string> variables, WatchedWriter output, CancellationToken cancellation,
        params string[] arguments) => RunAsync(variables, output, arguments, "", cancellation);

    private static async Task<CtlRun> RunAsync(
        Dictionary<string, string> variables, WatchedWriter output, string[] arguments, string input,
        CancellationToken cancellation)
    {
        await using var error = new WatchedWriter();
        using var reader = new StringReader(input);
        var environment = new CtlEnvironment(
            name => variables.GetValueOrDefault(name), output, error, IsTerminal: false, reader);
        var status = await CtlProgram.RunAsync(arguments, environment, cancellation);
        return new CtlRun(status, output.ToString(), error.ToString());
    }
}
