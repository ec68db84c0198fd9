using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

/// <summary>What to wait for, and what happened.</summary>
[Flags]
public enum EpollInterest : uint
{
    /// <summary>Nothing but errors, which are always reported.</summary>
    None = 0,

    /// <summary>Readable.</summary>
    [NativeConstant("EPOLLIN", "sys/epoll.h")]
    In = 0x1,

    /// <summary>Writable.</summary>
    [NativeConstant("EPOLLOUT", "sys/epoll.h")]
    Out = 0x4,

    /// <summary>An error is pending; always waited for.</summary>
    [NativeConstant("EPOLLERR", "sys/epoll.h")]
    Error = 0x8,

    /// <summary>Closed in both directions; always waited for.</summary>
    [NativeConstant("EPOLLHUP", "sys/epoll.h")]
    HangUp = 0x10,

    /// <summary>The other side will send no more.</summary>
    [NativeConstant("EPOLLRDHUP", "sys/epoll.h")]
    RdHup = 0x2000,

    /// <summary>Report changes, not states.</summary>
    [NativeConstant("EPOLLET", "sys/epoll.h")]
    EdgeTriggered = 0x80000000,
}

/// <summary>
/// One ready descriptor. The layout is the native event's on x64, where it is packed, so that the kernel writes into
/// the caller's span; elsewhere events are converted.
/// </summary>
[NativeStruct("struct epoll_event", "sys/epoll.h", Only = [Architecture.X64])]
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct EpollReady
{
    [NativeField("events")]
    private readonly uint _events;

    [NativeField("data.u64")]
    private readonly ulong _token;

    internal EpollReady(EpollInterest events, ulong token)
    {
        _events = (uint)events;
        _token = token;
    }

    /// <summary>What <see cref="Epoll.Add"/> was given.</summary>
    public ulong Token => _token;

    /// <summary>What happened.</summary>
    public EpollInterest Events => (EpollInterest)_events;

    /// <summary>Converts events of the architectures that do not pack them.</summary>
    internal static void Convert(ReadOnlySpan<epoll_event> source, Span<EpollReady> destination)
    {
        for (var i = 0; i < source.Length; i++)
            destination[i] = new EpollReady((EpollInterest)source[i].events, source[i].data);
    }
}
