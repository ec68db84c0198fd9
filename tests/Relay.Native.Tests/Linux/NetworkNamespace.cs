using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Relay.Native.Tests.Linux;

/// <summary>
/// Runs a test on a thread of its own in an empty network namespace, where interfaces can be shaped without anybody
/// else noticing. Skips it where that is not allowed.
/// </summary>
internal static class NetworkNamespace
{
    private const int CLONE_NEWNET = 0x40000000;

    [DllImport("libc")]
    private static extern int unshare(int flags);

    [DllImport("libc")]
    private static extern int setns(int fd, int nstype);

    internal static void Run(Action test) => OwnThread.Run(() =>
    {
        Enter();
        test();
    });

    /// <summary>Moves the calling thread into a new namespace, whose loopback is up.</summary>
    internal static void Enter()
    {
        Assert.SkipUnless(unshare(CLONE_NEWNET) == 0, "Network namespaces need CAP_SYS_ADMIN.");
        Ip("link set lo up");
    }

    /// <summary>The namespace the calling thread is in, which lives as long as the file is open.</summary>
    internal static SafeFileHandle Current() => File.OpenHandle("/proc/thread-self/ns/net");

    internal static void Enter(SafeFileHandle file) =>
        Assert.Equal(0, setns((int)file.DangerousGetHandle(), CLONE_NEWNET));

    /// <summary>Runs ip(8) in the calling thread's namespace, which a child inherits.</summary>
    internal static string Ip(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments)
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            })!;
            var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.SkipUnless(process.ExitCode == 0, $"ip {arguments}: {output.Trim()}");
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no ip command.");
            return "";
        }
    }
}
