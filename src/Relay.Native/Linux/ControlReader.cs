using System.Runtime.CompilerServices;

namespace Relay.Native.Linux;

/// <summary>Walks the control messages of a received message, as cmsg(3) lays them out.</summary>
internal unsafe ref struct ControlReader(byte* control, nuint length)
{
    private const int HeaderLength = 16; // CMSG_LEN(0) on 64-bit machines
    private readonly byte* _end = control + length;
    private byte* _next = control;
    private byte* _current;

    internal readonly int Level => ((cmsghdr*)_current)->cmsg_level;

    internal readonly int Type => ((cmsghdr*)_current)->cmsg_type;

    internal bool MoveNext()
    {
        if (_end - _next < HeaderLength)
            return false;
        _current = _next;
        var length = (nint)((cmsghdr*)_current)->cmsg_len;
        if (length < HeaderLength || length > _end - _current)
            return false;
        _next = _current + ((length + 7) & ~7);
        return true;
    }

    internal readonly T Read<T>() where T : unmanaged => Unsafe.ReadUnaligned<T>(_current + HeaderLength);
}
