using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;

namespace Relay.Hosting.Systemd;

/// <summary>
/// Tells the service manager where the process is in its life (sd_notify(3)). Without one it says nothing; what cannot
/// be said is not worth an error.
/// </summary>
/// <param name="manager">Sends to it.</param>
public sealed class ServiceNotifier(ISystemdNotifier manager)
{
    private volatile bool _stopping;

    /// <summary>
    /// The notifier that <c>NOTIFY_SOCKET</c> asks for. The variable is not passed on to other programs.
    /// </summary>
    public static ServiceNotifier FromEnvironment()
    {
        var notifier = new ServiceNotifier(new SystemdNotifier());
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        return notifier;
    }

    /// <summary>The program listens, or has read its files again.</summary>
    public void Ready(string status)
    {
        // A reload that is asked for during the end must not make the manager believe that the program is back.
        if (!_stopping)
            Send($"READY=1\nSTATUS={status}");
    }

    /// <summary>The program reads its files again; <see cref="Ready"/> follows.</summary>
    public void Reloading()
    {
        if (!_stopping)
            Send(string.Create(
                CultureInfo.InvariantCulture,
                $"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds}\nSTATUS=Reloading"));
    }

    /// <summary>The program ends, and asks for the time that takes.</summary>
    /// <param name="limit">The longest that it takes.</param>
    /// <param name="status">What it does meanwhile.</param>
    public void Stopping(TimeSpan limit, string status)
    {
        _stopping = true;
        Send(string.Create(
            CultureInfo.InvariantCulture,
            $"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)(limit + Margin).TotalMicroseconds}\nSTATUS={status}"));
    }

    /// <summary>What comes after the end: closing connections, and the last lines of the logs.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    // CLOCK_MONOTONIC, as the manager wants it.
    private static long MonotonicMicroseconds => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    private void Send(string message)
    {
        try
        {
            manager.Notify(new ServiceState(message));
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // A manager that is gone does not wait for an answer, and a name that is no path is nobody's.
        }
    }
}
