using System.Diagnostics;

namespace Relay.Interop.Tests.Curl;

/// <summary>curl as the client of a relay by one version of HTTP, whose name is that of the relay's metrics and logs.</summary>
internal static class CurlProgram
{
    /// <summary>What eng/curl.sh makes where the machine's own curl knows no HTTP/2 to proxies.</summary>
    private static readonly string Unpacked = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache
            ? cache : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "relayfleet", "curl", "curl");

    private static readonly Lazy<string?> OfHttp2 = new(static () =>
        new[] { "curl", Unpacked }.FirstOrDefault(SpeaksHttp2));

    /// <summary>The program and what makes it ask in that version. Skips the test where there is none that can.</summary>
    /// <param name="version"><c>1.1</c> or <c>2</c>.</param>
    public static string[] Require(string version)
    {
        if (version == "1.1")
            return [InstalledProgram.Require("curl", "curl")];
        Assert.SkipWhen(
            OfHttp2.Value is null, "curl speaks HTTP/2 to proxies from 8.1 on: eng/curl.sh unpacks one that does.");
        return [OfHttp2.Value!, "--proxy-http2"];
    }

    private static bool SpeaksHttp2(string program)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(program, ["--help", "all"]) { RedirectStandardOutput = true })!;
            return process.StandardOutput.ReadToEnd().Contains("--proxy-http2", StringComparison.Ordinal);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
