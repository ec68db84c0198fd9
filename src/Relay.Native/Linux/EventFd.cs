using static Relay.Native.Linux.EventFdConstants;

namespace Relay.Native.Linux;

/// <summary>Wakes a loop from another thread: readable from <see cref="Signal"/> to <see cref="Drain"/>.</summary>
public sealed unsafe class EventFd : IDisposable
{
    private readonly FileDescriptorHandle _handle;
    private int _fd;

    /// <summary>Makes one that is not signalled.</summary>
    /// <exception cref="SocketSystemException">No descriptor was left.</exception>
    public EventFd()
    {
        _handle = FileDescriptorHandle.OrThrow(NativeMethods.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd");
        _fd = _handle.Fd;
    }

    /// <summary>The descriptor, for epoll; -1 once disposed.</summary>
    public int Fd => _fd;

    /// <summary>
    /// Makes it readable. Callable from any thread, also while another disposes it: the reference keeps the descriptor
    /// from being closed and given to somebody else in between.
    /// </summary>
    public void Signal()
    {
        var referenced = false;
        try
        {
            _handle.DangerousAddRef(ref referenced);
            ulong one = 1;
            // EAGAIN means that the counter is full: it is signalled already.
            while (NativeMethods.IsInterrupted(NativeMethods.write(_fd, &one, sizeof(ulong))))
            {
            }
        }
        catch (ObjectDisposedException)
        {
            // The loop is gone: there is nobody to wake.
        }
        finally
        {
            if (referenced)
                _handle.DangerousRelease();
        }
    }

    /// <summary>
    /// Makes it unreadable; says whether it had been signalled. Edge-triggered loops need it only to learn that.
    /// </summary>
    public bool Drain()
    {
        ulong count = 0;
        nint read;
        while (NativeMethods.IsInterrupted(read = NativeMethods.read(_fd, &count, sizeof(ulong))))
        {
        }
        GC.KeepAlive(this);
        return read == sizeof(ulong);
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _fd = -1;
        _handle.Dispose();
    }
}
