using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Relay.Node.Hosting;

/// <summary>
/// Tells the service manager where the process is in its life (sd_notify(3)): one datagram to the Unix socket that
/// <c>NOTIFY_SOCKET</c> names. Without one it says nothing; what cannot be said is not worth an error.
/// </summary>
internal sealed class ServiceNotifier : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _manager;
    private volatile bool _stopping;

    /// <summary>Prepares to talk to a service manager.</summary>
    /// <param name="path">A path, or <c>@</c> and an abstract name; null or empty for nobody to talk to.</param>
    internal ServiceNotifier(string? path)
    {
        if (path is not ['/' or '@', _, ..])
            return;
        _manager = new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    }

    /// <summary>The notifier that the environment asks for. The variable is not passed on to other programs.</summary>
    internal static ServiceNotifier FromEnvironment()
    {
        var path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        return new ServiceNotifier(path);
    }

    /// <summary>The node listens, or has read its configuration again.</summary>
    internal void Ready(string status)
    {
        // A reload that is asked for during the drain must not make the manager believe that the node is back.
        if (!_stopping)
            Send($"READY=1\nSTATUS={status}");
    }

    /// <summary>The node reads its files again; <see cref="Ready"/> follows.</summary>
    internal void Reloading()
    {
        if (!_stopping)
            Send(string.Create(
                CultureInfo.InvariantCulture,
                $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds}\nSTATUS=Reloading"));
    }

    /// <summary>The node drains, and asks for the time that takes.</summary>
    /// <param name="limit">The longest that it takes.</param>
    internal void Stopping(TimeSpan limit)
    {
        _stopping = true;
        Send(string.Create(
            CultureInfo.InvariantCulture,
            $"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)(limit + Margin).TotalMicroseconds}\nSTATUS=Draining"));
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    /// <summary>What comes after a drain: closing connections, and the last lines of the logs.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    // CLOCK_MONOTONIC, as the manager wants it.
    private static long MonotonicMicroseconds => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    private void Send(string message)
    {
        if (_socket is null)
            return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager!);
        }
        catch (SocketException)
        {
            // A manager that is gone does not wait for an answer.
        }
    }
}
