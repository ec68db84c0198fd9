namespace Relay.Interop.Tests.Tls;

/// <summary>A handshake with a relay over TCP by openssl(1), which shows what it came to.</summary>
internal sealed record HandshakeRun(int Status, string Output)
{
    public static Task<HandshakeRun> AgainstAsync(int port, string trust, params string[] options) =>
        RunAsync(port, trust, "", options);

    /// <summary>The same, which sends a request, and waits until the relay ends the connection.</summary>
    public static Task<HandshakeRun> AskingAsync(int port, string trust, string request, params string[] options) =>
        RunAsync(port, trust, request, [.. options, "-ign_eof", "-alpn", "http/1.1"]);

    /// <summary>The same, which wants another handshake on the connection, as TLS 1.2 has it, and waits for its end.</summary>
    public static Task<HandshakeRun> RenegotiatingAsync(int port, string trust) =>
        RunAsync(port, trust, "R\n", ["-tls1_2", "-alpn", "http/1.1"], staysOpen: true);

    private static async Task<HandshakeRun> RunAsync(
        int port, string trust, string request, string[] options, bool staysOpen = false)
    {
        await using var client = ChildProcess.Start(
            InstalledProgram.Require("openssl", "openssl"),
            [
                "s_client", "-connect", $"127.0.0.1:{port}", "-CAfile", trust, "-verify_return_error", "-servername",
                "localhost", .. options,
            ]);
        await client.Input.WriteAsync(request);
        await client.Input.FlushAsync();
        if (!staysOpen)
            client.Input.Close();
        var status = await client.WaitForExitAsync(Limits.Exchange);
        return new HandshakeRun(status, string.Join('\n', client.Log.Lines));
    }

    public void AssertEstablished(string protocol, string cipher)
    {
        Assert.True(Status == 0, Output);
        Assert.Contains($"New, {protocol}, Cipher is {cipher}", Output, StringComparison.Ordinal);
    }

    /// <summary>The handshake was one of these, and the request had its answer and what it asked for.</summary>
    public void AssertAnswered(string handshake)
    {
        Assert.True(Status == 0, Output);
        Assert.Contains($"\n{handshake}", Output, StringComparison.Ordinal);
        Assert.Contains("\nHTTP/1.1 200 OK", Output, StringComparison.Ordinal);
        Assert.Contains(Origins.WebOrigin.Greeting, Output, StringComparison.Ordinal);
    }

    /// <summary>The relay, and not openssl itself, would have none of it: its alert has a number (RFC 8446 §6).</summary>
    public void AssertAlert(int number)
    {
        Assert.True(Status != 0, Output);
        Assert.Contains($"SSL alert number {number}\n", Output + "\n", StringComparison.Ordinal);
    }
}
