using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

/// <summary>
/// Owns a file descriptor. Its owner keeps the number in a field of its own and replaces it by -1 when disposed, so
/// that calls pay for no reference counting and one after disposal gets EBADF instead of somebody else's descriptor.
/// </summary>
internal sealed class FileDescriptorHandle : SafeHandle
{
    internal FileDescriptorHandle(int fd) : base(-1, ownsHandle: true) => SetHandle(fd);

    internal int Fd => (int)handle;

    public override bool IsInvalid => handle < 0;

    protected override bool ReleaseHandle() => NativeMethods.close((int)handle) == 0;

    /// <summary>Takes a descriptor that a call returned, or throws what the call failed with.</summary>
    internal static FileDescriptorHandle OrThrow(int fd, string operation) =>
        fd >= 0 ? new FileDescriptorHandle(fd) : throw new SocketSystemException(operation, NativeMethods.LastErrno);

    /// <summary>The same for a target's, which is refused (EMFILE) while only the reserve is left.</summary>
    internal static FileDescriptorHandle ForTarget(int fd, string operation)
    {
        var handle = OrThrow(fd, operation);
        if (FileLimits.IsForTargets(fd))
            return handle;
        handle.Dispose();
        throw new SocketSystemException(operation, Errno.EMFILE);
    }
}
