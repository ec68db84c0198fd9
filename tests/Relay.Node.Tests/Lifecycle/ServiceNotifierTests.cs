using System.Net.Sockets;
using System.Text;
using Relay.Hosting.Systemd;

namespace Relay.Node.Tests.Lifecycle;

/// <summary>sd_notify(3), with the test as the service manager.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Path_HearsEachState()
    {
        var path = _folder.File("notify");
        Check(path, new UnixDomainSocketEndPoint(path));
    }

    [Fact]
    public void AbstractName_HearsEachState()
    {
        var name = $"relay-notify-{Guid.NewGuid():N}";
        Check("@" + name, new UnixDomainSocketEndPoint("\0" + name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("relative")]
    [InlineData("vsock:2:1234")]
    [InlineData("/nonexistent/notify")]
    public void NobodyThere_NothingHappens(string? path)
    {
        var notifier = Notifier(path);
        notifier.Ready("Listening");
        notifier.Stopping(TimeSpan.Zero, "Draining");
    }

    private static ServiceNotifier Notifier(string? path)
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", path);
        var notifier = ServiceNotifier.FromEnvironment();
        Assert.Null(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));
        return notifier;
    }

    private static void Check(string name, UnixDomainSocketEndPoint endpoint)
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(endpoint);
        var notifier = Notifier(name);
        notifier.Ready("Listening on 127.0.0.1:443");
        Assert.Equal("READY=1\nSTATUS=Listening on 127.0.0.1:443", Receive(manager));
        notifier.Reloading();
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=Reloading$", Receive(manager));
        notifier.Stopping(TimeSpan.FromSeconds(300), "Draining");
        Assert.Equal("STOPPING=1\nEXTEND_TIMEOUT_USEC=310000000\nSTATUS=Draining", Receive(manager));
        notifier.Reloading();
        notifier.Ready("Reloaded");
        Assert.False(manager.Poll(0, SelectMode.SelectRead));
    }

    // What was sent is there: a Unix socket has no way to go.
    private static string Receive(Socket manager)
    {
        Assert.True(manager.Poll(0, SelectMode.SelectRead));
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, manager.Receive(buffer));
    }
}
