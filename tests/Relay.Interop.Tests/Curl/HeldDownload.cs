using System.Net.Sockets;
using Relay.Interop.Tests.Lifecycle;

namespace Relay.Interop.Tests.Curl;

/// <summary>A download whose target the test plays: curl has the first half, and waits for the second.</summary>
internal sealed class HeldDownload : IAsyncDisposable
{
    private const string First = "the first half\n";
    private const string Second = "the second half\n";

    private readonly TcpClient _target;

    private HeldDownload(TcpClient target, ChildProcess curl) => (_target, Curl) = (target, curl);

    public ChildProcess Curl { get; }

    /// <summary>The target's end.</summary>
    public NetworkStream Target => _target.GetStream();

    public static async Task<HeldDownload> StartAsync(CurlWorld world, string version)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var curl = world.Start(version, "--no-buffer", $"http://{listener.LocalEndpoint}/");
        try
        {
            using var deadline = Eventually.Deadline(Limits.Exchange);
            var download = new HeldDownload(await listener.AcceptTcpClientAsync(deadline.Token), curl);
            return await download.ReadyAfterAsync(async download =>
            {
                await download.ReadRequestAsync(deadline.Token);
                // Of HTTP/2 curl does not see the end of a tunnel that has no more to bring, only that of the content.
                await download.SendAsync(
                    $"HTTP/1.1 200 OK\r\nContent-Length: {First.Length + Second.Length}\r\n\r\n{First}");
                await download.Curl.Log.WaitForAsync($"^{First.Trim()}$", Limits.Exchange);
            });
        }
        catch
        {
            await curl.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends the rest, which must arrive.</summary>
    public async Task FinishAsync()
    {
        await SendAsync(Second);
        Assert.True(await Curl.WaitForExitAsync(Limits.Exchange) == 0, Curl.Log.Describe());
        Assert.Equal([First.Trim(), Second.Trim()], Curl.Log.Lines);
        _target.Close();
    }

    /// <summary>Kills curl before it has read all that the target sends, which is more and more until that fails.</summary>
    public async Task KillAsync()
    {
        const int enough = 128 * 1024;
        Curl.Signal(Signals.Stop);
        await Eventually.HoldsAsync(() => File.ReadAllText($"/proc/{Curl.Id}/stat").Contains(" T ", StringComparison.Ordinal));
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var block = new byte[enough / 2];
        for (var sent = 0L; ; sent += block.Length)
        {
            if (sent == enough)
                Curl.Signal(Signals.Kill);
            await Target.WriteAsync(block, deadline.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _target.Dispose();
        await Curl.DisposeAsync();
    }

    private async Task ReadRequestAsync(CancellationToken cancel)
    {
        using var reader = new StreamReader(Target, leaveOpen: true);
        while (await reader.ReadLineAsync(cancel) is { Length: > 0 })
            continue;
    }

    private Task SendAsync(string text) =>
        Target.WriteAsync(System.Text.Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();
}
