using System.Text.Json;

namespace Relay.Interop.Tests.Loopback;

/// <summary>One run of relay-load against a relay, and what it measured.</summary>
internal sealed class LoadRun
{
    private readonly JsonElement _result;

    private LoadRun(JsonElement result) => _result = result;

    public long this[string key] => _result.GetProperty(key).GetInt64();

    public double Figure(string key) => _result.GetProperty(key).GetDouble();

    public bool Holds(string key) => _result.GetProperty(key).GetBoolean();

    public string Text(string key) => _result.GetProperty(key).GetString()!;

    public bool Verified => _result.GetProperty("verified").GetBoolean();

    /// <summary>Starts it, whatever comes of it.</summary>
    public static ChildProcess Start(int port, string mode, params string[] options) =>
        OwnProgram.Start("relay-load", [mode, "--relay", $"127.0.0.1:{port}", "--insecure", "--json", .. options]);

    /// <summary>Runs it to its end, which must be a good one.</summary>
    public static async Task<LoadRun> AgainstAsync(int port, TimeSpan limit, string mode, params string[] options)
    {
        await using var process = Start(port, mode, options);
        var status = await process.WaitForExitAsync(limit);
        Assert.True(status == 0, $"relay-load {mode} ended with {status}. {process.Log.Describe()}");
        return ResultOf(process);
    }

    /// <summary>What a run that has ended measured.</summary>
    public static LoadRun ResultOf(ChildProcess process)
    {
        var output = string.Join('\n', process.Log.Lines);
        using var json = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return new LoadRun(json.RootElement.Clone());
    }
}
