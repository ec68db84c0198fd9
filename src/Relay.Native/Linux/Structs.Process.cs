namespace Relay.Native.Linux;

#pragma warning disable CS8981 // C names
#pragma warning disable CS0649 // written by the kernel

[NativeStruct("struct rlimit", "sys/resource.h")]
internal struct rlimit
{
    public nuint rlim_cur;
    public nuint rlim_max;
}

[NativeStruct("struct mallinfo2", "malloc.h")]
internal struct mallinfo2
{
    public nuint arena;
    public nuint ordblks;
    public nuint smblks;
    public nuint hblks;
    public nuint hblkhd;
    public nuint usmblks;
    public nuint fsmblks;
    public nuint uordblks;
    public nuint fordblks;
    public nuint keepcost;
}

[NativeStruct("struct sock_filter", "linux/filter.h")]
internal struct sock_filter(ushort code, byte jt, byte jf, uint k)
{
    public ushort code = code;
    public byte jt = jt;
    public byte jf = jf;
    public uint k = k;
}

[NativeStruct("struct sock_fprog", "linux/filter.h")]
internal unsafe struct sock_fprog
{
    public ushort len;
    public sock_filter* filter;
}
