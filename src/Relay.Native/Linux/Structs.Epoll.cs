using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

#pragma warning disable CS8981 // C names
#pragma warning disable CS0649 // written by the kernel

/// <summary>
/// The event as every architecture but x64 lays it out: 16 bytes. x64's packed one is <see cref="EpollReady"/>.
/// </summary>
[NativeStruct("struct epoll_event", "sys/epoll.h", Except = [Architecture.X64])]
internal struct epoll_event
{
    public uint events;
    [NativeField("data.u64")]
    public ulong data;
}

[NativeStruct("struct timespec", "time.h")]
internal struct timespec
{
    public nint tv_sec;
    public nint tv_nsec;
}
