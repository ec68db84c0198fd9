using System.ComponentModel;
using System.Diagnostics;

namespace Relay.Native.Tests.Abi;

/// <summary>Compiles and runs a small C program with the machine's own compiler and headers.</summary>
internal static class CCompiler
{
    private static readonly string Command = Environment.GetEnvironmentVariable("CC") is { Length: > 0 } cc ? cc : "cc";

    /// <summary>
    /// The program's output lines. Skips the test when there is no compiler or one of its headers is missing.
    /// </summary>
    internal static string[] Run(string headers, string body)
    {
        var directory = Directory.CreateTempSubdirectory("relay-abi-");
        try
        {
            var source = Path.Combine(directory.FullName, "abi.c");
            var program = Path.Combine(directory.FullName, "abi");
            File.WriteAllText(source, Source(headers, body));
            Compile(source, program);
            var (exit, output, error) = Execute(program);
            Assert.True(exit == 0, error);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Source(string headers, string body)
    {
        var includes = string.Concat(headers.Split(';').Select(header => $"#include <{header}>\n"));
        return $$"""
            #define _GNU_SOURCE
            #include <stddef.h>
            #include <stdio.h>
            {{includes}}
            int main(void)
            {
            {{body}}
                return 0;
            }
            """;
    }

    private static void Compile(string source, string program)
    {
        try
        {
            var (exit, _, error) = Execute(Command, "-o", program, source);
            if (exit == 0)
                return;
            var missing = error.Split('\n').FirstOrDefault(line => line.Contains("No such file or directory"));
            if (missing is not null)
                Assert.Skip($"A header is not installed: {missing.Split("error: ")[^1]}");
            Assert.Fail(error);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"There is no C compiler: {Command}");
        }
    }

    private static (int Exit, string Output, string Error) Execute(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
