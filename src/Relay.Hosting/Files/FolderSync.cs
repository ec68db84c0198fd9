using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Relay.Hosting.Files;

/// <summary>Makes what was renamed in a folder outlive the machine's end: fsync(2) of a file does not say so of its name.</summary>
internal static class FolderSync
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC of Linux; to read only is 0.

    /// <summary>Waits until the folder's entries are on the disk.</summary>
    /// <exception cref="IOException">They are not, as far as is known.</exception>
    internal static void Flush(string folder)
    {
        // The base class library opens no folder.
        var descriptor = Open(System.Text.Encoding.UTF8.GetBytes(folder + '\0'), CloseOnExec);
        if (descriptor < 0)
            throw new IOException($"'{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open(byte[] path, int flags);
}
