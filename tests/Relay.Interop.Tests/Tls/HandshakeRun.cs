namespace Relay.Interop.Tests.Tls;

/// <summary>A handshake with a relay over TCP by openssl(1), which shows what it came to.</summary>
internal sealed record HandshakeRun(int Status, string Output)
{
    public static async Task<HandshakeRun> AgainstAsync(int port, string trust, params string[] options)
    {
        await using var client = ChildProcess.Start(
            InstalledProgram.Require("openssl", "openssl"),
            [
                "s_client", "-connect", $"127.0.0.1:{port}", "-CAfile", trust, "-verify_return_error", "-servername",
                "localhost", .. options,
            ]);
        client.Input.Close();
        var status = await client.WaitForExitAsync(Limits.Exchange);
        return new HandshakeRun(status, string.Join('\n', client.Log.Lines));
    }

    public void AssertEstablished(string protocol, string cipher)
    {
        Assert.True(Status == 0, Output);
        Assert.Contains($"New, {protocol}, Cipher is {cipher}", Output, StringComparison.Ordinal);
    }

    /// <summary>The relay, and not openssl itself, would have none of it: its alert has a number (RFC 8446 §6).</summary>
    public void AssertAlert(int number)
    {
        Assert.True(Status != 0, Output);
        Assert.Contains($"SSL alert number {number}\n", Output + "\n", StringComparison.Ordinal);
    }
}
