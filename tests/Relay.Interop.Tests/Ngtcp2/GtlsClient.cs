using Relay.Testing.Network;

namespace Relay.Interop.Tests.Ngtcp2;

/// <summary>
/// ngtcp2's example client. It prints every packet and frame, which makes it the best witness there is of what a server
/// does, and ends with status 0 whatever happened, so that what it printed is all that counts.
/// </summary>
internal static class GtlsClient
{
    private const string CipherBase = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+";
    private const string GroupBase = "-GROUP-ALL:+GROUP-";

    /// <summary>Leaves out the bytes of streams and of the TLS handshake.</summary>
    public const string WithoutBytes = "--no-quic-dump";

    public static void RequireInstalled() => Locate();

    public static string Cipher(string name) => $"--ciphers={CipherBase}{name}";

    public static string Group(string name) => $"--groups={GroupBase}{name}";

    /// <summary>Connects, asks for the path, and returns what happened once the client has ended by itself.</summary>
    public static Task<GtlsRun> GetAsync(int port, string path, params string[] options) =>
        GetAsync(null, port, path, options);

    /// <summary>The same in a namespace.</summary>
    public static async Task<GtlsRun> GetAsync(
        NetworkNamespace? network, int port, string path, params string[] options)
    {
        var portText = port.ToString();
        string[] arguments =
        [
            "--no-http-dump", "--exit-on-all-streams-close",
            "--handshake-timeout=60s", "--timeout=60s",
            .. options,
            "127.0.0.1", portText, $"https://localhost:{portText}{path}",
        ];
        await using var process =
            network?.Start(Locate(), arguments) ?? ChildProcess.Start(Locate(), arguments);
        await process.WaitForExitAsync(Limits.Exchange);
        return new GtlsRun(process.Log);
    }

    private static string Locate() => InstalledProgram.Require("gtlsclient", "ngtcp2-client");
}
