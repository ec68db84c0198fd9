using System.Runtime.InteropServices;
using static Relay.Native.Linux.EpollConstants;

namespace Relay.Native.Linux;

/// <summary>An epoll instance: one per loop, used by its thread alone.</summary>
public sealed unsafe class Epoll : IDisposable
{
    private const int MaxConverted = 256;
    private static readonly bool Packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private readonly FileDescriptorHandle _handle;
    private bool _nanoseconds = true;
    private int _fd;

    /// <summary>Makes one that waits for nothing.</summary>
    /// <exception cref="SocketSystemException">No descriptor was left.</exception>
    public Epoll()
    {
        _handle = FileDescriptorHandle.OrThrow(NativeMethods.epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        _fd = _handle.Fd;
    }

    /// <summary>Waits for the descriptor from now on; its events carry the token.</summary>
    /// <exception cref="SocketSystemException">
    /// The descriptor is closed, or waited for already, or a limit is reached.
    /// </exception>
    public void Add(int fd, EpollInterest interest, ulong token) => Control(EPOLL_CTL_ADD, fd, interest, token, "add");

    /// <summary>
    /// Changes what is waited for. With edge triggering this also reports again what is already true.
    /// </summary>
    /// <exception cref="SocketSystemException">The descriptor is closed, or not waited for.</exception>
    public void Modify(int fd, EpollInterest interest, ulong token) =>
        Control(EPOLL_CTL_MOD, fd, interest, token, "modify");

    /// <summary>Waits for it no more; false when it was not waited for. Closing a descriptor does the same.</summary>
    public bool Remove(int fd) => TryControl(EPOLL_CTL_DEL, fd, EpollInterest.None, 0) == 0;

    /// <summary>Waits until something is ready or the time has passed; a negative time never does.</summary>
    /// <returns>The events written; 0 after the time or a signal; or -errno.</returns>
    public int Wait(Span<EpollReady> events, long timeoutNanoseconds)
    {
        int result;
        if (Packed)
        {
            fixed (EpollReady* pointer = events)
                result = WaitNative(pointer, events.Length, timeoutNanoseconds);
        }
        else
        {
            var length = Math.Min(events.Length, MaxConverted);
            var native = stackalloc epoll_event[length];
            result = WaitNative(native, length, timeoutNanoseconds);
            if (result > 0)
                EpollReady.Convert(new ReadOnlySpan<epoll_event>(native, result), events);
        }
        GC.KeepAlive(this);
        return result == -Errno.EINTR ? 0 : result;
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _fd = -1;
        _handle.Dispose();
    }

    /// <summary>Makes the next waits behave as on a kernel without epoll_pwait2.</summary>
    internal void DisableNanoseconds() => _nanoseconds = false;

    private int WaitNative(void* events, int length, long timeoutNanoseconds)
    {
        if (_nanoseconds)
        {
            timespec timeout;
            timeout.tv_sec = (nint)(timeoutNanoseconds / 1_000_000_000);
            timeout.tv_nsec = (nint)(timeoutNanoseconds % 1_000_000_000);
            var result = NativeMethods.epoll_pwait2(
                NativeMethods.SYS_epoll_pwait2, _fd, events, length, timeoutNanoseconds < 0 ? null : &timeout, null, 0);
            if (result >= 0)
                return (int)result;
            var errno = NativeMethods.LastErrno;
            // EPERM: container filters older than the call answer so.
            if (errno is not (Errno.ENOSYS or Errno.EPERM))
                return -errno;
            _nanoseconds = false;
        }
        var count = NativeMethods.epoll_wait(_fd, events, length, ToMilliseconds(timeoutNanoseconds));
        return count >= 0 ? count : -NativeMethods.LastErrno;
    }

    /// <summary>Rounded up: waking before a timer is due would mean spinning until it is.</summary>
    internal static int ToMilliseconds(long nanoseconds)
    {
        if (nanoseconds < 0)
            return -1;
        var (milliseconds, rest) = Math.DivRem(nanoseconds, 1_000_000);
        return (int)Math.Min(int.MaxValue, rest > 0 ? milliseconds + 1 : milliseconds);
    }

    private void Control(int operation, int fd, EpollInterest interest, ulong token, string name)
    {
        var result = TryControl(operation, fd, interest, token);
        if (result < 0)
            throw new SocketSystemException($"epoll_ctl {name} {fd}", -result);
    }

    private int TryControl(int operation, int fd, EpollInterest interest, ulong token)
    {
        var packed = new EpollReady(interest, token);
        var aligned = new epoll_event { events = (uint)interest, data = token };
        var result = NativeMethods.epoll_ctl(_fd, operation, fd, Packed ? &packed : (void*)&aligned);
        return result == 0 ? 0 : -NativeMethods.LastErrno;
    }
}
