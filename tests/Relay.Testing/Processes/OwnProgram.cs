using System.Runtime.Versioning;

namespace Relay.Testing.Processes;

/// <summary>
/// The programs of this repository, which stand beside the tests; or those that were made by eng/package.sh --programs, in the folder that
/// RELAYFLEET_PROGRAMS names.
/// </summary>
public static class OwnProgram
{
    private static readonly string? Packaged = Environment.GetEnvironmentVariable("RELAYFLEET_PROGRAMS") is { Length: > 0 } folder ? folder : null;

    /// <summary>What runs those that are not published.</summary>
    public static readonly string Dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>The command that starts one, as relay-node.</summary>
    public static string[] Command(string program, params IEnumerable<string> arguments) => Packaged is null
        ? [Dotnet, Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]
        : [Path.Combine(Packaged, program), .. arguments];

    /// <summary>Starts one.</summary>
    public static ChildProcess Start(string program, params IEnumerable<string> arguments) =>
        ChildProcess.Start(Command(program, arguments), name: program);

    /// <summary>Writes a script by which one is found under its own name.</summary>
    [UnsupportedOSPlatform("windows")]
    public static void Install(string program, ScratchFolder folder, string path)
    {
        var script = folder.Write(path, $"#!/bin/sh\nexec '{string.Join("' '", Command(program))}' \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
